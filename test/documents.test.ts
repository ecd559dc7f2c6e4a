import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { createBroker, type Broker } from '../src/broker/index.js';
import * as rxmqtt from '../src/index.js';
import { makeCertificates } from './support/certificates.js';

const root = join(__dirname, '..');
const folder = join(root, 'artifacts/readme');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The files of a folder with one of these endings, but for what is installed or built. */
function filesOf(path: string, endings: RegExp): string[] {
  return readdirSync(join(root, path), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && endings.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|dist|\.\w+)\//.test(file));
}

/** The pages of docs/ but for those that are built: reports of the public face, and the reference of the site. */
const PAGES = filesOf('docs', /\.md$/).filter((file) => !/^docs\/(api|reference)\//.test(file));
/** Each block of this guide brings tests of its own, which test/testing/guide.test.ts runs. */
const DOCUMENTS = ['README.md', ...PAGES].filter((file) => file !== 'docs/testing.md');
/** Programs that are shown as they stand: they are checked with the sources, and have tests of their own. */
const PROGRAMS = new Set(filesOf('examples', /\.tsx?$/).map((file) => readFileSync(join(root, file), 'utf8')));

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
  if (
    block.language !== 'ts' ||
    block.mark === 'defaults' ||
    block.text.includes('@angular') ||
    PROGRAMS.has(block.text)
  ) {
    return [];
  }
  const next = blocks[index + 1];
  const file = `${block.document.replace(/\W/g, '-')}-${block.line}.ts`;
  return [{ ...block, file, prints: next?.document === block.document && next.language === 'text' ? next.text : '' }];
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

  it('README.md names documents that exist; it does not link to them, since npm shows it alone', () => {
    const named = [...readme.matchAll(/`((?:docs|examples)\/[\w/.-]*|[A-Z]+\.md)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(readme).not.toMatch(/\]\((?!https:|#)/);
  });

  it('docs/options.md and docs/errors.md are what the sources say', () => {
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
    ...['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/RESULTS.md'],
    ...PAGES,
    ...filesOf('examples', /^README\.md$/),
  ])('%s links to files that exist, and to headings that they have', (document) => {
    const { text } = prose(document);
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (target.startsWith('https:')) continue;
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? document : join(dirname(document), file);
      expect([target, ts.sys.fileExists(join(root, path)) || ts.sys.directoryExists(join(root, path))]).toEqual([
        target,
        true,
      ]);
      if (anchor !== undefined) expect([path, ...prose(path).anchors]).toContain(anchor);
    }
  });
});

/** A document without its code, and the anchors of its headings as code hosts make them. */
function prose(path: string): { readonly text: string; readonly anchors: readonly string[] } {
  const text = readFileSync(join(root, path), 'utf8').replace(/^```.*?^```$/gms, '');
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
  return { text, anchors };
}
