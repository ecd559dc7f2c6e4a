/** The declarations of the package under TypeScript 5.4 to the newest, as modules of Node and of bundlers. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from '../../scripts/rings.mjs';
import { ofTheHouse, project } from './installed.mjs';
import { testedTogether } from './table.mjs';

const OLDEST = [5, 4];

const CONSUMERS = [
  ['node16', 'types-node.mts', { module: 'node16', moduleResolution: 'node16', types: ['node'] }],
  ['node16, CommonJS', 'types-node.cts', { module: 'node16', moduleResolution: 'node16', types: ['node'] }],
  ['bundler', 'types-node.mts', { module: 'esnext', moduleResolution: 'bundler', types: ['node'] }],
  [
    'bundler, for pages',
    'types-browser.mts',
    { module: 'esnext', moduleResolution: 'bundler', types: [], customConditions: ['browser'] },
  ],
  [
    'bundler, for React Native',
    'types-browser.mts',
    { module: 'esnext', moduleResolution: 'bundler', types: [], customConditions: ['react-native'] },
  ],
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
    const tests = CONSUMERS.map(([name, file, options]) => [name, () => typeCheck(folder, alias, file, options)]);
    await testedTogether(ring, 'typeScript', 'TypeScript', version, tests);
  }
}

/** Type-checks one consumer, declarations of the package included. */
async function typeCheck(folder, alias, file, options) {
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
  await writeFile(join(folder, configuration), JSON.stringify({ compilerOptions, files: [file] }));
  await run(process.execPath, [join(folder, 'node_modules', alias, 'bin/tsc'), '-p', configuration], folder);
}
