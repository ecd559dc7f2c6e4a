import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** ESM alone: nothing imports it. */
const COMMAND = 'cli/main';

/** What package.json leads to. */
const ENTRIES = [
  'index',
  'broker/index',
  'packet/index',
  'store-level/index',
  'angular/index',
  'angular/testing/index',
  'testing/index',
  'testing/jest/index',
  'testing/vitest/index',
  COMMAND,
];

/**
 * Puts the modules that the compiler wrote to dist/esm together: a file an entry, and chunks for what entries share or
 * load later. Two hundred modules take Node twice the time to load, and 10 MB more. dist/cjs gets the same files, each as
 * CommonJS; the declarations stay as they are.
 */
export async function bundleForNode() {
  const esm = join(dist, 'esm');
  const { metafile } = await build({
    entryPoints: ENTRIES.map((name) => ({ in: join(esm, `${name}.js`), out: name })),
    outdir: esm,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // Not the paths of the sources: rxmqtt/angular stands on the package.
    tsconfigRaw: {},
    chunkNames: 'chunks/[name]-[hash]',
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
  });
  const written = Object.keys(metafile.outputs).map((file) => join(process.cwd(), file));
  await removeModules(esm, new Set(written));
  const cjs = join(dist, 'cjs');
  await removeModules(cjs, new Set());
  await build({
    entryPoints: written.filter((file) => file.endsWith('.js') && file !== join(esm, `${COMMAND}.js`)),
    outbase: esm,
    outdir: cjs,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // `require` in its place: Jest runs no `import()` in CommonJS.
    supported: { 'dynamic-import': false },
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'silent',
  });
}

/** Removes the modules and source maps of a folder that are not to stay. */
async function removeModules(folder, stay) {
  const files = await readdir(folder, { recursive: true });
  const modules = files.filter((file) => /\.js(\.map)?$/.test(file)).map((file) => join(folder, file));
  await Promise.all(modules.filter((file) => !stay.has(file)).map((file) => rm(file)));
}
