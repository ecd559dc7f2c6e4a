import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { createBroker, type Broker } from '../src/broker/index.js';
import * as rxmqtt from '../src/index.js';
import { makeCertificates } from './support/certificates.js';

const root = join(__dirname, '..');
const folder = join(root, 'artifacts/readme');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const GUIDE = [
  'docs/getting-started.md',
  'docs/operating.md',
  ...readdirSync(join(root, 'docs/concepts')).map((name) => `docs/concepts/${name}`),
];
const DOCUMENTS = [
  'README.md',
  ...GUIDE,
  'docs/operators.md',
  'docs/streams.md',
  'docs/broker.md',
  'docs/migrating.md',
  'docs/cloud.md',
  'docs/security.md',
  'docs/from-aedes.md',
  'docs/scaling.md',
];

interface Block {
  readonly document: string;
  readonly language: string;
  /** What stands behind the language: `compile` is code that is type-checked alone, because it needs a service. */
  readonly mark: string;
  readonly text: string;
  readonly line: number;
}

const blocks: Block[] = DOCUMENTS.flatMap((document) => {
  const page = readFileSync(join(root, document), 'utf8');
  return [...page.matchAll(/^```(\w*)(?: (\w+))?\n(.*?)^```$/gms)].map((match) => ({
    document,
    language: match[1] ?? '',
    mark: match[2] ?? '',
    text: match[3] ?? '',
    line: page.slice(0, match.index).split('\n').length,
  }));
});
/** Code as a reader pastes it, and what it prints: the `text` block behind it, or nothing. Angular has a test of its own. */
const examples = blocks.flatMap((block, index) => {
  if (block.language !== 'ts' || block.mark === 'defaults' || block.text.includes('@angular')) return [];
  const next = blocks[index + 1];
  const file = `${block.document.replace(/\W/g, '-')}-${block.line}.ts`;
  return [{ ...block, file, prints: next?.language === 'text' ? next.text : '' }];
});
const programs = examples.filter(({ mark }) => mark === '');

/** The same against the broker of this test, and with its certificate. */
const withUrls = (code: string, urls: readonly string[]): string =>
  code
    .replaceAll('mqtt://localhost:1883', urls[0] ?? '')
    .replaceAll('ws://localhost:8083/mqtt', urls[1] ?? '')
    .replaceAll(/'(server\.(key|crt))'/g, (_, name: string) => JSON.stringify(join(folder, name)));

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

describe('the code of the documents', () => {
  let broker: Broker;
  let printed: ReadonlyMap<string, string>;

  beforeAll(async () => {
    broker = createBroker({ listeners: ['tcp://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt'] });
    const urls = await broker.listening;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const { file, text } of examples) writeFileSync(join(folder, file), withUrls(text, urls));
    writeFileSync(join(folder, 'run.mts'), RUNNER);
    const { cert, key } = makeCertificates().server;
    writeFileSync(join(folder, 'server.crt'), cert);
    writeFileSync(join(folder, 'server.key'), key);
    const files = programs.map(({ file }) => file);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(folder, 'run.mts'), ...files],
      { cwd: root, timeout: 80_000 },
    );
    printed = new Map(
      stdout
        .split('>>> ')
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
    );
  }, 90_000);

  afterAll(() => broker.close());

  it('README.md keeps to 250 lines, with install, first code and the two commands at its head', () => {
    const lines = readme.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(250);
    const head = lines.slice(0, 36).join('\n');
    for (const part of ['npm install rxmqtt rxjs', '```ts', 'npm ci && npm run demo', 'npm ci && npm test']) {
      expect(head).toContain(part);
    }
  });

  it.each(programs)(
    'runs the code of $document at line $line, and it prints what stands below it',
    ({ file, prints }) => {
      expect(printed.get(file)).toBe(prints);
    },
  );

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
  }, 90_000);

  it('stands alone: each block imports the names it uses', () => {
    expect(examples.filter(({ text }) => !text.startsWith('import '))).toEqual([]);
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const shell = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
    const named = shell.join('\n').match(/(?<=npm (run )?)\b(demo|test|bench|build)\b/g) ?? [];
    expect(named.length).toBeGreaterThanOrEqual(2);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  it('docs/options.md and docs/errors.md agree with the sources', () => {
    execFileSync(process.execPath, ['scripts/docs.mjs', '--check'], { cwd: root, stdio: 'pipe' });
  });

  it('docs/options.md lists every option of connect(), and no other', () => {
    const options = readFileSync(join(root, 'docs/options.md'), 'utf8');
    const table = /^## connect\(url, options\)$(.*?)^## /ms.exec(options)?.[1] ?? '';
    const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
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

  it.each([
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'docs/angular.md',
    'docs/operators.md',
    'docs/streams.md',
    'docs/broker.md',
    'docs/cli.md',
    'docs/reconnecting.md',
    'docs/runtimes.md',
    'docs/migrating.md',
    'docs/cloud.md',
    'docs/security.md',
    'docs/from-aedes.md',
    'docs/scaling.md',
    'examples/workers/README.md',
    ...GUIDE,
  ])('%s links to headings and files that exist', (document) => {
    const page = readFileSync(join(root, document), 'utf8');
    const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(
      ([, heading = '']) =>
        `#${heading
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    for (const [, target = ''] of page.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('https:')) continue;
      const path = join(root, dirname(document), target.split('#')[0] ?? '');
      if (target.startsWith('#')) expect(anchors).toContain(target);
      else expect(ts.sys.fileExists(path) || ts.sys.directoryExists(path)).toBe(true);
    }
  });
});
