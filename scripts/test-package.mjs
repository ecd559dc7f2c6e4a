/**
 * The ring of the packed tarball: packs it, installs it in empty folders, and uses it as a stranger would. Takes the
 * build as it stands in dist/; `npm run test:package` builds first.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endRing, startRing } from './rings.mjs';

const MINUTE = 60_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const consumers = join(root, 'scripts/package-consumers');
const bin = (name) => join(root, 'node_modules/.bin', name);
const runFile = promisify(execFile);

async function run(command, args, cwd, timeout = MINUTE) {
  try {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
    return (await runFile(command, args, { cwd, timeout, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    const reason = error.killed ? `took longer than ${timeout / 1000} s` : `exit code ${error.code}`;
    throw new Error([`${command} ${args.join(' ')}: ${reason}`, error.stdout, error.stderr].join('\n').trim(), {
      cause: error,
    });
  }
}

const results = { passed: 0, failed: 0 };

async function check(statement, body) {
  try {
    await body();
    results.passed++;
    console.log(`ok     ${statement}`);
  } catch (error) {
    results.failed++;
    console.log(`FAILED ${statement}\n${error.message.replace(/^/gm, '       ')}`);
  }
}

function assert(holds, message) {
  if (!holds) throw new Error(message);
}

async function pack(folder) {
  const output = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root);
  const [{ filename, files, size }] = JSON.parse(output);
  return { tarball: join(folder, filename), files: files.map(({ path }) => path), size };
}

/** The optional peers of the entries that stand on other packages, each as the house tests it: `name@range`. */
async function optionalPeers() {
  const { peerDependenciesMeta = {}, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(peerDependenciesMeta).filter((name) => peerDependenciesMeta[name].optional);
  return names.map((name) => `${name}@${devDependencies[name]}`);
}

/** An empty folder with the tarball and its peers in it, and the consumers beside them. */
async function install(folder, tarball, peers) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--no-save', '--ignore-scripts'];
  await run('npm', ['install', ...flags, tarball, ...peers], folder, 3 * MINUTE);
  await cp(consumers, folder, { recursive: true });
}

/** Type-checks one consumer, declarations of the package included, with the type packages that are named and no other. */
async function typeCheck(folder, file, { types, ...options }) {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
    types,
    typeRoots: [join(root, 'node_modules/@types')],
    ...options,
  };
  const project = `tsconfig.${file}.${options.moduleResolution}.json`;
  await writeFile(join(folder, project), JSON.stringify({ compilerOptions, files: [file] }));
  await run(bin('tsc'), ['-p', project], folder);
}

const temporary = await mkdtemp(join(tmpdir(), 'rxmqtt-package-'));
await startRing('package');
try {
  const { version: rxjs } = JSON.parse(await readFile(join(root, 'node_modules/rxjs/package.json'), 'utf8'));
  const { tarball, files, size } = await pack(temporary);
  console.log(`tarball: ${files.length} files, ${(size / 1000).toFixed(0)} kB`);
  const newest = join(temporary, 'newest');
  const oldest = join(temporary, 'oldest');

  await check('the tarball holds the build, the sources and the documents, and nothing else', () => {
    const strangers = files.filter((path) => !/^(dist|src)\/|^(package\.json|[A-Z]+(\.md)?)$/.test(path));
    assert(strangers.length === 0, `unexpected: ${strangers.join(', ')}`);
    for (const path of ['LICENSE', 'README.md', 'CHANGELOG.md']) assert(files.includes(path), `${path} is missing`);
  });
  await check('every file that `exports` names is there', async () => {
    const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const named = JSON.stringify(exports).match(/\.\/dist\/[^"]+/g);
    const missing = named.filter((path) => !files.includes(path.slice(2)));
    assert(missing.length === 0, `missing: ${missing.join(', ')}`);
  });
  await check('messages of errors are whole in development, and short in production', async () => {
    const text = (path) => readFile(join(root, 'dist/browser', path), 'utf8');
    const [short, whole] = await Promise.all([text('index.js'), text('development/index.js')]);
    for (const what of ['the broker keeps no retained messages', 'took longer than']) {
      assert(short.includes(what) && whole.includes(what), `"${what}" is missing`);
    }
    for (const more of ['publish without retain', 'CONNACK has reserved flags set']) {
      assert(whole.includes(more) && !short.includes(more), `"${more}" is for development, and for that alone`);
    }
  });
  await check(`installs with rxjs ${rxjs} and every optional peer`, async () =>
    install(newest, tarball, [`rxjs@${rxjs}`, ...(await optionalPeers())]),
  );
  await check('installs with rxjs 7.8.0, the oldest that the peer range allows, and no optional peer', () =>
    install(oldest, tarball, ['rxjs@7.8.0']),
  );

  for (const [name, folder] of [
    [`rxjs ${rxjs}`, newest],
    ['rxjs 7.8.0', oldest],
  ]) {
    await check(`ESM, ${name}: connects to its own broker, subscribes, publishes, receives and ends`, () =>
      run(process.execPath, ['round-trip.mjs'], folder, MINUTE / 2),
    );
    await check(`CJS, ${name}: connects to its own broker, subscribes, publishes, receives and ends`, () =>
      run(process.execPath, ['round-trip.cjs'], folder, MINUTE / 2),
    );
  }
  await check('importing every entry opens nothing: the process ends by itself', () =>
    run(process.execPath, ['import-only.mjs'], newest, MINUTE / 6),
  );
  await check('ESM and CJS give the same names, and recognise errors of each other', () =>
    run(process.execPath, ['both-formats.mjs'], newest),
  );

  await check('the command runs from the package, and refuses what it does not know', async () => {
    const command = join(newest, 'node_modules/.bin/rxmqtt');
    assert((await run(command, ['broker', '--help'], newest)).startsWith('Usage: rxmqtt broker'), 'no help');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    assert((await run(command, ['--version'], newest)) === `${version}\n`, 'another version');
    const refusal = await run(command, ['broker', '--nope'], newest).catch((error) => error.message);
    assert(/exit code 2\n.*unknown option '--nope'/s.test(refusal), refusal);
    // It listens, is asked to end, and ends in order.
    const broker = runFile(command, ['broker', '--port', '0', '--store', join(newest, 'store')], { cwd: newest });
    broker.child.stdout.once('data', () => broker.child.kill('SIGTERM'));
    assert(/^listening at tcp:/.test((await broker).stdout), 'it does not listen');
  });

  const node16 = { module: 'node16', moduleResolution: 'node16' };
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };
  await check('types: an ES module, moduleResolution node16', () =>
    typeCheck(newest, 'types-node.mts', { ...node16, types: ['node'] }),
  );
  await check('types: a CommonJS module, moduleResolution node16', () =>
    typeCheck(newest, 'types-node.cts', { ...node16, types: ['node'] }),
  );
  await check('types: moduleResolution bundler', () =>
    typeCheck(newest, 'types-node.mts', { ...bundler, types: ['node'] }),
  );
  await check('types: the browser face, without the types of Node', () =>
    typeCheck(newest, 'types-browser.mts', { ...bundler, customConditions: ['browser'], types: [] }),
  );

  await check('bundles for a page with esbuild, and nothing is left to the page', async () => {
    const args = ['types-browser.mts', '--bundle', '--platform=browser', '--format=esm', '--outfile=page.js'];
    await run(bin('esbuild'), [...args, '--log-level=error', '--metafile=page.json'], newest);
    const { outputs } = JSON.parse(await readFile(join(newest, 'page.json'), 'utf8'));
    const { imports, inputs } = outputs['page.js'];
    assert(imports.length === 0, `left to the page: ${imports.map(({ path }) => path).join(', ')}`);
    const strangers = Object.keys(inputs).filter((path) => /\/rxmqtt\/(?!dist\/browser\/)/.test(path));
    assert(strangers.length === 0, `bundled: ${strangers.join(', ')}`);
  });

  await check('publint finds nothing', () => run(bin('publint'), ['--strict', tarball], root));
  await check('@arethetypeswrong/cli finds nothing', () => run(bin('attw'), [tarball, '--no-emoji'], root));
} catch (error) {
  results.failed++;
  console.log(error);
} finally {
  await rm(temporary, { recursive: true, force: true });
}
await endRing('package', results);
console.log(`package: ${results.passed} passed, ${results.failed} failed`);
process.exitCode = results.failed === 0 ? 0 : 1;
