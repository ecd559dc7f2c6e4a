/** The declarations of the package under TypeScript 5.4 to the newest, as modules of Node and of bundlers. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from '../../scripts/rings.mjs';
import { ofTheHouse, project } from './installed.mjs';
import { testedTogether } from './table.mjs';

const OLDEST = [5, 4];

const PAGE = { module: 'esnext', moduleResolution: 'bundler', types: [] };

const CONSUMERS = [
  ['node16', ['types-node.mts', 'types-node.cts'], { module: 'node16', moduleResolution: 'node16', types: ['node'] }],
  ['bundler', ['types-node.mts'], { module: 'esnext', moduleResolution: 'bundler', types: ['node'] }],
  ['the condition react-native', ['types-browser.mts'], { ...PAGE, customConditions: ['react-native'] }],
];

/** The newest version of each minor one from the oldest on. */
async function versions() {
  const all = JSON.parse(await run('npm', ['view', 'typescript', 'versions', '--json'], root));
  const newest = new Map();
  for (const version of all) {
    const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version)?.map(Number) ?? [];
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) newest.set(`${major}.${minor}`, version);
  }
  return [...newest.values()];
}

export async function typeScript(ring) {
  const peers = await ofTheHouse('abstract-level', 'classic-level', '@types/node');
  const tools = (await versions()).map((version) => [`typescript-${version}`, version]);
  const folder = await project(ring, 'types', [
    ...peers,
    ...tools.map(([alias, version]) => `${alias}@npm:typescript@${version}`),
  ]);
  await cp(join(root, 'test/package'), folder, { recursive: true });
  for (const [alias, version] of tools) {
    const tests = CONSUMERS.map(([name, files, options]) => [name, () => typeCheck(folder, alias, files, options)]);
    await testedTogether(ring, 'typeScript', 'TypeScript', version, tests);
  }
}

/** Type-checks consumers, declarations of the package included. */
async function typeCheck(folder, alias, files, options) {
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'ESNext.Disposable'],
    ...options,
  };
  const configuration = `tsconfig.${alias}.json`;
  await writeFile(join(folder, configuration), JSON.stringify({ compilerOptions, files }));
  await run(process.execPath, [join(folder, 'node_modules', alias, 'bin/tsc'), '-p', configuration], folder);
}
