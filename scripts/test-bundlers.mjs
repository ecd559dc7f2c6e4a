/**
 * The ring of bundlers: fresh projects for Angular, Vite and webpack, each with the packed tarball and no configuration,
 * are built without a warning. Takes the build as it stands in dist/; `npm run test:bundlers` builds first.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { endRing, startRing } from './rings.mjs';

const MINUTE = 60_000;
/** kB of estimated transfer that the library may add to what `ng new` makes. */
const ANGULAR_LIMIT_KB = 34;

/** What the Vite project does, with MQTT.js. */
const WITH_MQTTJS = `
import mqtt from 'mqtt';
const client = mqtt.connect(location.origin.replace('http', 'ws') + '/mqtt');
client.on('connect', () => (document.title = 'connected'));
client.on('close', () => (document.title = 'reconnecting'));
client.on('message', (_topic, payload) => (document.body.textContent = JSON.parse(new TextDecoder().decode(payload))));
client.subscribe('tank/level', { qos: 1 });
`;
const root = fileURLToPath(new URL('..', import.meta.url));
const consumers = join(root, 'scripts/bundler-consumers');
const runFile = promisify(execFile);
const results = { passed: 0, failed: 0 };

/** What a command printed, both streams together. */
async function run(command, args, cwd, timeout = 5 * MINUTE) {
  try {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', CI: '1' };
    const { stdout, stderr } = await runFile(command, args, { cwd, timeout, env, maxBuffer: 64 * 1024 * 1024 });
    return stdout + stderr;
  } catch (error) {
    throw new Error([`${command} ${args.join(' ')} failed`, error.stdout, error.stderr].join('\n').trim(), {
      cause: error,
    });
  }
}

async function check(statement, body) {
  try {
    const remark = await body();
    results.passed++;
    console.log(`ok     ${statement}${remark === undefined ? '' : `: ${remark}`}`);
  } catch (error) {
    results.failed++;
    console.log(`FAILED ${statement}\n${error.message.replace(/^/gm, '       ')}`);
  }
}

function assert(holds, message) {
  if (!holds) throw new Error(message);
}

/** Installs packages in a folder, beside those that its `package.json` names. */
async function installed(folder, packages) {
  const manifest = join(folder, 'package.json');
  await mkdir(folder, { recursive: true });
  if (!existsSync(manifest)) await writeFile(manifest, JSON.stringify({ private: true, type: 'module' }));
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...flags, ...packages], folder);
}

/** A copy of one of the projects, with the tarball and its tools installed. */
async function project(folder, name, packages) {
  await cp(join(consumers, name), folder, { recursive: true });
  await installed(folder, packages);
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

/** What a page loads at once, each script by itself, and all of them with what it may load later. */
function sizeOf(scripts) {
  const weigh = (texts) => texts.reduce((sum, text) => sum + brotliCompressSync(text).length, 0);
  const isPart = (name) => /authentication|conversation|durable|extras/.test(name);
  const first = [...scripts].filter(([name]) => !isPart(name)).map(([, text]) => text);
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const all =
    first.length === scripts.size ? '' : `, ${kB(weigh([...scripts.values()]))} with all that is loaded later`;
  return `${kB(first.join('').length)}, ${kB(weigh(first))} brotli${all}`;
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

const temporary = await mkdtemp(join(tmpdir(), 'rxmqtt-bundlers-'));
await startRing('bundlers');
try {
  const packed = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', temporary], root);
  const tarball = join(temporary, packed.trim().split('\n').at(-1));
  const [angular, vite, webpack] = ['angular', 'vite', 'webpack'].map((name) => join(temporary, name));
  const fresh = join(angular, 'fresh');

  await check('Vite builds a fresh project without a warning', async () => {
    await project(vite, 'vite', [tarball, 'rxjs@7', 'vite']);
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
    await installed(angular, [`@angular/cli@${devDependencies['@angular/cli']}`]);
    const flags = ['--defaults', '--skip-install', '--skip-git', '--skip-tests', '--ai-config', 'none'];
    await run('npx', ['ng', 'new', 'fresh', ...flags], angular);
    await installed(fresh, [tarball, ...ofAngular]);
    empty = transferOf(withoutWarning(await run('npx', ['ng', 'build'], fresh)));
    return `${empty} kB of estimated transfer`;
  });
  let full = 0;
  await check('Angular builds it with MQTT without a warning', async () => {
    await cp(join(consumers, 'angular'), join(fresh, 'src/app'), { recursive: true });
    full = transferOf(withoutWarning(await run('npx', ['ng', 'build'], fresh)));
    return `${full} kB of estimated transfer; ${await inspect(join(fresh, 'dist'))}`;
  });
  await check(`MQTT adds at most ${ANGULAR_LIMIT_KB} kB to it`, () => {
    const added = (full - empty).toFixed(1);
    assert(full > 0 && full - empty <= ANGULAR_LIMIT_KB, `it adds ${added} kB`);
    return `${added} kB`;
  });
} catch (error) {
  results.failed++;
  console.log(error);
} finally {
  await rm(temporary, { recursive: true, force: true });
}
await endRing('bundlers', results);
console.log(`bundlers: ${results.passed} passed, ${results.failed} failed`);
process.exitCode = results.failed === 0 ? 0 : 1;
