/**
 * The ring of bundlers: fresh projects for Angular, Vite and webpack, each with the packed tarball and no configuration,
 * are built without a warning. Takes the build as it stands in dist/; `npm run test:bundlers` builds first.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { firstValueFrom, timeout } from 'rxjs';
import { assert, install, MINUTE, pack, ringOfChecks, root, run } from './rings.mjs';

/** kB of estimated transfer that the library may add to what `ng new` makes. */
const ANGULAR_LIMIT_KB = 54.5;

/** What the Vite project does, with MQTT.js. */
const WITH_MQTTJS = `
import mqtt from 'mqtt';
const client = mqtt.connect(location.origin.replace('http', 'ws') + '/mqtt');
client.on('connect', () => (document.title = 'connected'));
client.on('close', () => (document.title = 'reconnecting'));
client.on('message', (_topic, payload) => (document.body.textContent = JSON.parse(new TextDecoder().decode(payload))));
client.subscribe('tank/level', { qos: 1 });
`;

/** A page that leaves the connection to a worker, which Vite bundles as one script. */
const WITH_WORKER = {
  'main.js': `
new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }).onmessage = ({ data }) => (document.title = data);
`,
  'worker.js': `
import { connect, json } from 'rxmqtt';
connect(location.origin.replace('http', 'ws') + '/mqtt').subscribe('tank/level').pipe(json()).subscribe(postMessage);
`,
};
const consumers = join(root, 'test/bundlers');

/** A copy of one of the projects, with the tarball and its tools installed. */
async function project(folder, name, packages) {
  await cp(join(consumers, name), folder, { recursive: true });
  await install(folder, packages);
}

function withoutWarning(output) {
  const lines = output.split('\n').filter((line) => /warn|error|polyfill|commonjs/i.test(line));
  // npm's own remarks on this machine's settings are no news of the bundler.
  const told = lines.filter((line) => !line.startsWith('npm warn'));
  assert(told.length === 0, told.join('\n'));
  return output;
}

/** The scripts in a folder, by name. */
async function scriptsIn(folder) {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'));
  assert(names.length > 0, `no script in ${folder}`);
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])));
}

function sizeOf(scripts) {
  const texts = [...scripts.values()];
  const brotli = texts.reduce((sum, text) => sum + brotliCompressSync(text).length, 0);
  return `${(texts.join('').length / 1024).toFixed(1)} kB, ${(brotli / 1024).toFixed(1)} kB brotli`;
}

/** No module of Node asked for by the scripts in a folder, no polyfill taken in; returns their sizes. */
async function inspect(folder) {
  const scripts = await scriptsIn(folder);
  // How webpack finds the global object where there is no globalThis.
  const text = [...scripts.values()]
    .join('\n')
    .replaceAll(/this\s*\|\|\s*new Function\(["']return this["']\)\(\)/g, '');
  for (const [what, pattern] of [
    ['a node: module', /["']node:/],
    ['eval', /\beval\s*\(|\bnew Function\(/],
    ['the Buffer of a polyfill', /INSPECT_MAX_BYTES|kMaxLength/],
  ]) {
    assert(!pattern.test(text), `the bundle holds ${what}`);
  }
  return sizeOf(scripts);
}

/** kB of estimated transfer that `ng build` reports. */
function transferOf(output) {
  const kB = /Initial total +\|\s+[\d.]+ \w+ \|\s+([\d.]+) kB/.exec(output)?.[1];
  assert(kB !== undefined, `ng build reports no size:\n${output}`);
  return Number(kB);
}

/** Serves a project with the recipe's proxy before a broker of its own, and connects to it by the address of the page. */
async function serveBehindProxy(project) {
  const [{ createBroker }, { connect }] = await Promise.all(
    ['broker', 'index'].map((name) => import(join(root, `dist/node/${name}.js`))),
  );
  const broker = createBroker({ listeners: ['ws://127.0.0.1:0/mqtt'] });
  const [address] = await broker.listening;
  const recipe = await readFile(join(root, 'examples/angular-recipes/proxy.conf.json'), 'utf8');
  assert(recipe.includes('localhost:8083'), 'the recipe names another port');
  await writeFile(join(project, 'proxy.conf.json'), recipe.replace('localhost:8083', new URL(address).host));
  const port = await freePort();
  const args = ['ng', 'serve', '--host', '127.0.0.1', '--port', String(port), '--proxy-config', 'proxy.conf.json'];
  // In a group of its own, because npx starts more processes.
  const serving = spawn('npx', args, { cwd: project, stdio: 'ignore', detached: true });
  const client = connect(`ws://127.0.0.1:${port}/mqtt`, { log: false, reconnect: { minDelay: 500, maxDelay: 500 } });
  try {
    const { url } = await firstValueFrom(client.connected$.pipe(timeout(2 * MINUTE)));
    return url;
  } finally {
    await client.end();
    process.kill(-serving.pid);
    await broker.close();
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

await ringOfChecks('bundlers', async (check, temporary) => {
  const { tarball } = await pack(temporary);
  const [angular, vite, webpack] = ['angular', 'vite', 'webpack'].map((name) => join(temporary, name));
  const fresh = join(angular, 'fresh');

  await check('Vite builds a fresh project without a warning', async () => {
    await project(vite, 'vite', [tarball, 'rxjs@7', 'vite']);
    withoutWarning(await run('npx', ['vite', 'build'], vite));
    return inspect(join(vite, 'dist'));
  });
  await check('Vite builds a worker that imports the library', async () => {
    for (const [name, text] of Object.entries(WITH_WORKER)) await writeFile(join(vite, name), text);
    withoutWarning(await run('npx', ['vite', 'build'], vite));
    return inspect(join(vite, 'dist'));
  });
  await check('the same lines with MQTT.js, for comparison', async () => {
    const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const mqttjs = join(temporary, 'mqttjs');
    await project(mqttjs, 'vite', [`mqtt@${devDependencies.mqtt}`, 'vite']);
    await writeFile(join(mqttjs, 'main.js'), WITH_MQTTJS);
    await run('npx', ['vite', 'build'], mqttjs);
    return sizeOf(await scriptsIn(join(mqttjs, 'dist')));
  });
  await check('webpack builds a fresh project without a warning', async () => {
    await project(webpack, 'webpack', [tarball, 'rxjs@7', 'webpack@5', 'webpack-cli']);
    // webpack warns of every bundle above 244 kB; its hints are not what is looked at here.
    const build = ['webpack', './main.js', '--mode', 'production', '--no-color'];
    withoutWarning(await run('npx', build, webpack));
    return inspect(join(webpack, 'dist'));
  });

  const { dependencies, devDependencies } = JSON.parse(
    await readFile(join(root, 'examples/angular/package.json'), 'utf8'),
  );
  // The newest packages of Angular do not always come out together: these are known to fit.
  const ofAngular = Object.entries({ ...dependencies, ...devDependencies })
    .filter(([name]) => name.startsWith('@angular/'))
    .map(([name, range]) => `${name}@${range}`);
  let empty = 0;
  await check('Angular builds what `ng new` makes', async () => {
    await install(angular, [`@angular/cli@${devDependencies['@angular/cli']}`]);
    const flags = ['--defaults', '--skip-install', '--skip-git', '--skip-tests', '--ai-config', 'none'];
    await run('npx', ['ng', 'new', 'fresh', ...flags], angular);
    await install(fresh, [tarball, ...ofAngular]);
    empty = transferOf(withoutWarning(await run('npx', ['ng', 'build'], fresh)));
    return `${empty} kB of estimated transfer`;
  });
  let full = 0;
  await check('Angular builds it with MQTT without a warning', async () => {
    await cp(join(consumers, 'angular'), join(fresh, 'src/app'), { recursive: true });
    full = transferOf(withoutWarning(await run('npx', ['ng', 'build'], fresh)));
    return `${full} kB of estimated transfer; ${await inspect(join(fresh, 'dist'))}`;
  });
  await check('`ng serve` leads to a broker through the proxy of docs/angular.md', () => serveBehindProxy(fresh));
  await check(`MQTT adds at most ${ANGULAR_LIMIT_KB} kB to it`, () => {
    const added = (full - empty).toFixed(1);
    assert(full > 0 && full - empty <= ANGULAR_LIMIT_KB, `it adds ${added} kB`);
    return `${added} kB`;
  });
});
