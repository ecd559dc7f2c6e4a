/**
 * The ring of the packed tarball: packs it, installs it in empty folders, and uses it as a stranger would. Takes the
 * build as it stands in dist/; `npm run test:package` builds first.
 */
import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { assert, install, MINUTE, pack, ringOfChecks, root, run } from './rings.mjs';

const consumers = join(root, 'test/package');
const bin = (name) => join(root, 'node_modules/.bin', name);

/** The optional peers of the entries that stand on other packages, each as the house tests it: `name@range`. */
async function optionalPeers() {
  const { peerDependenciesMeta = {}, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(peerDependenciesMeta).filter((name) => peerDependenciesMeta[name].optional);
  return names.map((name) => `${name}@${devDependencies[name]}`);
}

/** The tarball and its peers in a folder, and the consumers beside them. */
async function installConsumers(folder, packages) {
  await install(folder, packages);
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

/** The sources that went into each of some scripts of dist, by their source maps. */
async function sourcesOf(scripts) {
  const maps = scripts.map(async (script) => {
    const { sources } = JSON.parse(await readFile(`${script}.map`, 'utf8'));
    return sources.map((source) => resolve(dirname(script), source));
  });
  return (await Promise.all(maps)).flat();
}

await ringOfChecks('package', async (tell, temporary) => {
  // What the commands print is of no interest while they succeed.
  const check = (statement, test) => tell(statement, async () => void (await test()));
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
  await check('the tarball is smaller than 1.5 MB', () => assert(size < 1_500_000, `it has ${size} bytes`));
  await check('every file that `exports` names is there', async () => {
    const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const named = JSON.stringify(exports).match(/\.\/dist\/[^"]+/g);
    const missing = named.filter((path) => !files.includes(path.slice(2)));
    assert(missing.length === 0, `missing: ${missing.join(', ')}`);
  });
  await check('messages of errors are whole, also in the build for browsers', async () => {
    const text = await readFile(join(root, 'dist/browser/index.js'), 'utf8');
    for (const part of ['the broker keeps no retained messages; publish without retain', 'took longer than']) {
      assert(text.includes(part), `"${part}" is missing`);
    }
  });
  await check('no name that package.json gives to a source is left in a script or a declaration', async () => {
    for (const path of files.filter((file) => /^dist\/.*\.(c?js|ts)$/.test(file))) {
      const text = await readFile(join(root, path), 'utf8');
      assert(!/(from|import|require)\s*\(?\s*["']#/.test(text), path);
    }
  });
  await check('every declaration leads to its source, which is in the tarball', async () => {
    for (const path of files.filter((file) => file.endsWith('.d.ts'))) {
      const [source] = await sourcesOf([join(root, path)]);
      assert(files.includes(source.slice(root.length)), `${path} leads to ${source}`);
    }
  });
  await check(`installs with rxjs ${rxjs} and every optional peer`, async () =>
    installConsumers(newest, [tarball, `rxjs@${rxjs}`, ...(await optionalPeers())]),
  );
  await check(
    'npm shows no dead link: package.json names no address, and README.md links to the web alone',
    async () => {
      const packed = (name) => readFile(join(newest, 'node_modules/rxmqtt', name), 'utf8');
      const address = /"(homepage|repository|bugs|funding)"|https?:[^"]*/.exec(await packed('package.json'));
      assert(address === null, `package.json: ${address?.[0]}`);
      const targets = [...(await packed('README.md')).matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
      const dead = targets.filter((target) => !/^(https:|#)/.test(target));
      assert(dead.length === 0, `README.md: ${dead.join(', ')}`);
    },
  );
  await check('installs with rxjs 7.8.0, the oldest that the peer range allows, and no optional peer', () =>
    installConsumers(oldest, [tarball, 'rxjs@7.8.0']),
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
  await check('ESM and CJS for browsers give the same names, and open nothing', () =>
    run(process.execPath, ['--conditions=browser', 'browser-formats.mjs'], newest, MINUTE / 6),
  );
  await check('the command runs from the package, and refuses what it does not know', async () => {
    const command = join(newest, 'node_modules/.bin/rxmqtt');
    assert((await run(command, ['broker', '--help'], newest)).startsWith('Usage: rxmqtt broker'), 'no help');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    assert((await run(command, ['--version'], newest)) === `${version}\n`, 'another version');
    const refusal = await run(command, ['broker', '--nope'], newest).catch((error) => error.message);
    assert(/exit code 2\n.*unknown option '--nope'/s.test(refusal), refusal);
    // It listens, is asked to end, and ends in order.
    const broker = promisify(execFile)(command, ['broker', '--port', '0', '--store', join(newest, 'store')], {
      cwd: newest,
    });
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
  await check('types: without the types of Node and without ESNext.Disposable', () =>
    typeCheck(newest, 'types-bare.mts', { ...bundler, lib: ['ES2022', 'DOM'], types: [] }),
  );
  await check('types: the browser face, without the types of Node', () =>
    typeCheck(newest, 'types-browser.mts', { ...bundler, customConditions: ['browser'], types: [] }),
  );

  await check('bundles for a page with esbuild, each module once, and nothing is left to the page', async () => {
    const args = ['page.mjs', '--bundle', '--platform=browser', '--format=esm', '--outfile=page.js'];
    await run(bin('esbuild'), [...args, '--external:@angular/*', '--log-level=error', '--metafile=page.json'], newest);
    const { outputs } = JSON.parse(await readFile(join(newest, 'page.json'), 'utf8'));
    const { imports, inputs } = outputs['page.js'];
    const left = imports.map(({ path }) => path).filter((path) => !path.startsWith('@angular/'));
    assert(left.length === 0, `left to the page: ${left.join(', ')}`);
    const scripts = Object.keys(inputs).filter((path) => path.includes('node_modules/rxmqtt/'));
    const strangers = scripts.filter((path) => !path.includes('/dist/browser/'));
    assert(strangers.length === 0, `bundled: ${strangers.join(', ')}`);
    const sources = await sourcesOf(scripts.map((path) => join(newest, path)));
    const twice = sources.filter((source, index) => sources.indexOf(source) !== index);
    assert(twice.length === 0, `twice in the page: ${twice.join(', ')}`);
    for (const part of [
      'client/connect.ts',
      'packet/codec.ts',
      'store-level/level-store.ts',
      'angular/inject-mqtt.ts',
    ]) {
      assert(
        sources.some((source) => source.endsWith(`/src/${part}`)),
        `${part} is missing`,
      );
    }
  });

  const kit = join(newest, 'kit');
  await check('the testing kit: twenty tests under node:test', async () => {
    const output = await run(process.execPath, ['--test', '--test-reporter=tap', join(kit, 'kit.node.mjs')], newest);
    assert(/# pass 20\n# fail 0/.test(output), output);
  });
  await check('the testing kit: the same under Jest, in Node and in jsdom, with its matchers', async () => {
    await writeFile(join(newest, 'jest.config.json'), JSON.stringify({ testMatch: ['**/kit/kit.jest.cjs'] }));
    for (const environment of ['node', join(root, 'node_modules/jest-environment-jsdom')]) {
      const args = ['--config', 'jest.config.json', '--env', environment, '--detectOpenHandles'];
      await run(bin('jest'), args, newest, 2 * MINUTE);
    }
  });
  await check('the testing kit: the same under Vitest, with its matchers', () =>
    run(join(newest, 'node_modules/.bin/vitest'), ['run', '--root', kit], newest, 2 * MINUTE),
  );

  const embedded = join(temporary, 'embedded');
  await check('installs beside Express, Fastify, Socket.IO and NestJS', async () => {
    const beside = ['express@5', 'fastify@5', '@fastify/websocket@11', 'socket.io@4', 'socket.io-client@4', 'ws@8'];
    const nest = ['common', 'core', 'microservices', 'platform-express', 'platform-ws', 'websockets'];
    const versions = nest.map((name) => `@nestjs/${name}@11`);
    await install(embedded, [tarball, `rxjs@${rxjs}`, ...beside, ...versions, 'reflect-metadata@0.2']);
    await cp(join(consumers, 'embedded'), embedded, { recursive: true });
    for (const name of ['express', 'nestjs']) {
      await cp(join(root, 'examples', name), join(embedded, `${name}-example`), { recursive: true });
    }
  });
  for (const name of ['express', 'socket-io', 'fastify', 'nest-gateway']) {
    await check(`attached to an HTTP server: ${name}`, () =>
      run(process.execPath, [`${name}.mjs`], embedded, MINUTE / 2),
    );
  }
  await check(
    'the transport strategy and the client for NestJS type-check, handle events and requests, and end in order',
    async () => {
      const example = join(embedded, 'nestjs-example');
      await run(bin('tsc'), ['--typeRoots', join(root, 'node_modules/@types')], example);
      const output = await run(process.execPath, ['dist/check.js'], example, MINUTE / 2);
      for (const line of [
        'average 20',
        'readings {"hall/7/celsius":21.5,"hall/8/celsius":18.5}',
        'device reconnecting',
        'published hall/7/set 21.5',
        'left by disconnect',
        'client ended',
      ]) {
        assert(output.includes(`${line}\n`), output);
      }
    },
  );

  await check('publint finds nothing', () => run(bin('publint'), ['--strict', tarball], root));
  await check('@arethetypeswrong/cli finds nothing', () => run(bin('attw'), [tarball, '--no-emoji'], root));
});
