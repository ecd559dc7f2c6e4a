import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** Lints each piece of code as a file of `src/`, with the rules there that need no types: the number of its problems. */
const SCRIPT = `
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import config from './eslint.config.js';
const [file, ...pieces] = process.argv.slice(1);
const setup = [
  { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
  ...config.filter(({ files, rules }) => files?.some((one) => one.startsWith('src/')) && rules).map(({ files, rules }) => ({
    files,
    rules: Object.fromEntries(Object.entries(rules).filter(([name]) => name.startsWith('no-restricted'))),
  })),
];
const linter = new Linter();
console.log(JSON.stringify(pieces.map((code) => linter.verify(code, setup, file).length)));
`;

function problems(file: string, ...pieces: string[]): number[] {
  const args = ['--input-type=module', '-e', SCRIPT, file, ...pieces];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as number[];
}

const CLOCKS = [
  'const start = Date.now();',
  'const start = new Date();',
  'const start = performance.now();',
  'const start = asyncScheduler.now();',
  'const { now } = asapScheduler;',
  "import { debounceTime } from 'rxjs';",
  "import { timestamp } from 'rxjs';",
];

describe('the clock rule', () => {
  it('forbids every clock but rx/clock', () => {
    expect(problems('src/session/probe.ts', ...CLOCKS)).toEqual(CLOCKS.map(() => 1));
    expect(problems('src/rx/clock.ts', ...CLOCKS.slice(0, 5))).toEqual([0, 0, 0, 0, 0]);
  });

  it('forbids timers whose length is not in the text, but in rx', () => {
    const long = ['timer(ms);', 'timer(0, ms);', 'interval(this.period);', 'asyncScheduler.schedule(work, due - now);'];
    expect(problems('src/session/probe.ts', ...long)).toEqual(long.map(() => 1));
    expect(problems('src/rx/clock.ts', ...long)).toEqual(long.map(() => 0));
  });

  it('allows constants, the time of day by its name, and dates that are given', () => {
    const fine = [
      'timer(0, PERIOD);',
      'timer(5);',
      'asyncScheduler.schedule(work, INTERVAL);',
      'asyncScheduler.schedule(work);',
      'const text = new Date(timeOfDay()).toISOString();',
      'const start = elapsed();',
    ];
    expect(problems('src/session/probe.ts', ...fine)).toEqual(fine.map(() => 0));
  });
});
