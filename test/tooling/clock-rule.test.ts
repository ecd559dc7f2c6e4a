import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** Lints pieces of code as files of `src/`, with the rules there that need no types: the number of problems of each. */
const SCRIPT = `
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import config from './eslint.config.js';
const setup = [
  { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
  ...config.filter(({ files, rules }) => files?.some((one) => one.startsWith('src/')) && rules).map(({ files, rules }) => ({
    files,
    rules: Object.fromEntries(Object.entries(rules).filter(([name]) => name.startsWith('no-restricted'))),
  })),
];
const linter = new Linter();
const problems = ([file, pieces]) => pieces.map((code) => linter.verify(code, setup, file).length);
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(problems)));
`;

/** Of all files in one process, because it takes seconds to load the linter. */
function problems(...files: readonly [string, readonly string[]][]): readonly number[][] {
  const args = ['--input-type=module', '-e', SCRIPT, JSON.stringify(files)];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as number[][];
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
const LONG = ['timer(ms);', 'timer(0, ms);', 'interval(this.period);', 'asyncScheduler.schedule(work, due - now);'];
const FINE = [
  'timer(0, PERIOD);',
  'timer(5);',
  'asyncScheduler.schedule(work, INTERVAL);',
  'asyncScheduler.schedule(work);',
  'const text = new Date(timeOfDay()).toISOString();',
  'const start = elapsed();',
];

describe('the clock rule', () => {
  let elsewhere: readonly number[][];
  let inClock: readonly number[][];
  beforeAll(() => {
    const found = problems(
      ['src/session/probe.ts', CLOCKS],
      ['src/session/probe.ts', LONG],
      ['src/session/probe.ts', FINE],
      ['src/rx/clock.ts', CLOCKS.slice(0, 5)],
      ['src/rx/clock.ts', LONG],
    );
    [elsewhere, inClock] = [found.slice(0, 3), found.slice(3)];
  });

  it('forbids every clock but rx/clock', () => {
    expect(elsewhere[0]).toEqual(CLOCKS.map(() => 1));
    expect(inClock[0]).toEqual([0, 0, 0, 0, 0]);
  });

  it('forbids timers whose length is not in the text, but in rx', () => {
    expect(elsewhere[1]).toEqual(LONG.map(() => 1));
    expect(inClock[1]).toEqual(LONG.map(() => 0));
  });

  it('allows constants, the time of day by its name, and dates that are given', () => {
    expect(elsewhere[2]).toEqual(FINE.map(() => 0));
  });
});
