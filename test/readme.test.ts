import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as rxjs from 'rxjs';
import ts from 'typescript';
import { createBroker, type Broker } from '../src/broker/index.js';
import * as rxmqtt from '../src/index.js';

const root = join(__dirname, '..');
const folder = join(root, 'artifacts/readme');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

const blocks: Block[] = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
  language: match[1] ?? '',
  text: match[2] ?? '',
  line: readme.slice(0, match.index).split('\n').length,
}));
/** Code, and what it prints: the `text` block behind it, or nothing. */
const examples = blocks.flatMap((block, index) => {
  if (block.language !== 'ts') return [];
  const next = blocks[index + 1];
  return [{ ...block, file: `line-${block.line}.ts`, prints: next?.language === 'text' ? next.text : '' }];
});

/** A block without imports is about a client that is there, and uses the names of rxmqtt and rxjs. */
function whole(code: string, urls: readonly string[]): string {
  const complete = /^import /m.test(code)
    ? code
    : `${importsOf(code)}\nconst client = connect('mqtt://localhost:1883');\n${code}\nawait client.end();\n`;
  return complete
    .replaceAll('mqtt://localhost:1883', urls[0] ?? '')
    .replaceAll('ws://localhost:8083/mqtt', urls[1] ?? '');
}

function importsOf(code: string): string {
  const used = (module: object): string[] =>
    Object.keys(module).filter((name) => new RegExp(`(?<![.\\w])${name}\\b(?!:)`).test(code));
  const own = new Set(['connect', ...used(rxmqtt)]);
  const others = used(rxjs).filter((name) => !own.has(name));
  return `import { ${[...own].join(', ')} } from 'rxmqtt';\nimport { ${others.join(', ')} } from 'rxjs';`;
}

/** Runs the blocks one after the other; each is over when its sockets are closed. */
const RUNNER = `
  import { setTimeout as delay } from 'node:timers/promises';
  for (const file of process.argv.slice(2)) {
    console.log('>>> ' + file);
    await import('./' + file);
    do await delay(50);
    while (process.getActiveResourcesInfo().some((name) => name.startsWith('TCP')));
  }
`;

describe('README.md', () => {
  let broker: Broker;
  let printed: ReadonlyMap<string, string>;

  beforeAll(async () => {
    broker = createBroker({ listeners: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt'] });
    const urls = await broker.listening;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const { file, text } of examples) writeFileSync(join(folder, file), whole(text, urls));
    writeFileSync(join(folder, 'run.mts'), RUNNER);
    const files = examples.map(({ file }) => file);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(folder, 'run.mts'), ...files],
      { cwd: root, timeout: 50_000 },
    );
    printed = new Map(
      stdout
        .split('>>> ')
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
    );
  }, 60_000);

  afterAll(() => broker.close());

  it('has its two commands and its first code on the first screen', () => {
    const screen = readme.split('\n').slice(0, 24).join('\n');
    expect(screen).toContain('npm ci && npm run demo');
    expect(screen).toContain('npm ci && npm test');
    expect(screen).toContain('```ts');
  });

  it.each(examples)('runs the code at line $line, and it prints what stands below it', ({ file, prints }) => {
    expect(printed.get(file)).toBe(prints);
  });

  it('has code that type-checks', () => {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
      config: { compilerOptions: object };
    };
    const { options } = ts.parseJsonConfigFileContent(
      {
        compilerOptions: { ...config.compilerOptions, types: ['node'], noUnusedLocals: false },
        files: examples.map(({ file }) => `artifacts/readme/${file}`),
      },
      ts.sys,
      root,
    );
    const program = ts.createProgram(
      examples.map(({ file }) => join(folder, file)),
      options,
    );
    const problems = examples.flatMap(({ file }) => {
      const source = program.getSourceFile(join(folder, file));
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
        ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
      );
    });
    expect(problems).toEqual([]);
  }, 60_000);

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const shell = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
    const named = shell.join('\n').match(/(?<=npm (run )?)\b(demo|test|bench|build)\b/g) ?? [];
    expect(named.length).toBeGreaterThanOrEqual(2);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  it('lists every option of connect(), and no other', () => {
    const table = /^### Options$(.*?)^### /ms.exec(readme)?.[1] ?? '';
    const listed = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap((row) => row[1]?.match(/\w+/g) ?? []);
    const unknown: object = { colour: 'red' };
    let message = '';
    try {
      rxmqtt.connect('mqtt://any', unknown);
    } catch (error) {
      message = (error as Error).message;
    }
    const known = message.split('known are ')[1]?.split(', ') ?? [];
    expect(known.length).toBeGreaterThan(20);
    expect(listed.sort()).toEqual(known.sort());
  });

  it('links to headings and files that exist', () => {
    const anchors = [...readme.matchAll(/^#+ (.+)$/gm)].map(
      ([, heading = '']) =>
        `#${heading
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    for (const [, target = ''] of readme.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('#')) expect(anchors).toContain(target);
      else expect(ts.sys.fileExists(join(root, target)) || ts.sys.directoryExists(join(root, target))).toBe(true);
    }
  });
});
