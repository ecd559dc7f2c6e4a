/** The smoke suite where other package managers have installed the package: strict folders, and none at all. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, install, run } from '../../scripts/rings.mjs';
import { makeCertificates, smoke, smokeFile } from './engines.mjs';
import { ofTheHouse, versionOf } from './installed.mjs';
import { tested } from './table.mjs';

/** A folder whose manifest names what the smoke suite imports. */
async function manifest({ temporary, tarball }, name) {
  const folder = join(temporary, name);
  await mkdir(folder, { recursive: true });
  const others = (await ofTheHouse('rxjs', 'classic-level')).map((text) => text.split('@'));
  const dependencies = { rxmqtt: `file:${tarball}`, ...Object.fromEntries(others) };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  await cp(smokeFile, join(folder, 'smoke.mjs'));
  return folder;
}

async function passes(problems) {
  const failed = [...(await problems)].filter(([, problem]) => problem !== '');
  assert(failed.length === 0, failed.map(([feature, problem]) => `${feature}: ${problem}`).join('\n'));
}

export async function packageManagers(ring) {
  const certificates = await makeCertificates(join(ring.temporary, 'certificates'));
  const tools = join(ring.temporary, 'managers');
  await install(tools, ['pnpm', '@yarnpkg/cli-dist']);

  await tested(ring, 'packageManagers', 'pnpm', 'the smoke suite', async () => {
    const folder = await manifest(ring, 'pnpm');
    const flags = ['--ignore-scripts', `--store-dir=${join(ring.temporary, 'pnpm-store')}`];
    await run(join(tools, 'node_modules/.bin/pnpm'), ['install', ...flags], folder);
    await passes(smoke(process.execPath, [], folder, certificates));
    return versionOf(tools, 'pnpm');
  });
  await tested(ring, 'packageManagers', 'Yarn', "Plug'n'Play, the smoke suite", async () => {
    const folder = await manifest(ring, 'yarn');
    const yarn = join(tools, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
    const settings = [
      'nodeLinker: pnp',
      'enableTelemetry: false',
      'enableScripts: false',
      'enableImmutableInstalls: false',
      `globalFolder: ${join(ring.temporary, 'yarn-global')}`,
    ];
    await writeFile(join(folder, '.yarnrc.yml'), `${settings.join('\n')}\n`);
    await writeFile(join(folder, 'yarn.lock'), '');
    await run(process.execPath, [yarn, 'install'], folder);
    await passes(smoke(process.execPath, [yarn, 'node'], folder, certificates));
    return versionOf(tools, '@yarnpkg/cli-dist');
  });
}
