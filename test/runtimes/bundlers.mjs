/** Bundles of a page with a worker, made without configuration; they run in Chromium. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { assert, run } from '../../scripts/rings.mjs';
import { withBroker } from './broker.mjs';
import { showsTitle, withSite } from './chromium.mjs';
import { project, versionOf } from './installed.mjs';
import { tested } from './table.mjs';

/** Each with its packages (the first is the one whose version counts), its command, and the folder that it writes. */
const BUNDLERS = [
  { name: 'Vite', packages: ['vite'], command: ['vite', 'build', '--base=./', '--target=es2022'], output: 'dist' },
  {
    name: 'webpack',
    packages: ['webpack', 'webpack-cli'],
    command: ['webpack', './main.js', '--mode=production', '--output-path=dist'],
    output: 'dist',
    withPage: true,
  },
  {
    name: 'Rspack',
    packages: ['@rspack/core', '@rspack/cli'],
    command: ['rspack', 'build', '--entry=./main.js', '--mode=production', '--output-path=dist'],
    output: 'dist',
    withPage: true,
  },
  {
    name: 'esbuild',
    packages: ['esbuild'],
    command: ['esbuild', 'main.js', 'worker.js', '--bundle', '--minify', '--format=esm', '--outdir=dist'],
    output: 'dist',
    withPage: true,
  },
  {
    name: 'Rollup',
    packages: ['rollup', '@rollup/plugin-node-resolve'],
    command: ['rollup', 'main.js', 'worker.js', '--plugin=node-resolve={browser:true}', '--dir=dist'],
    output: 'dist',
    withPage: true,
  },
  {
    name: 'Parcel',
    packages: ['parcel'],
    command: ['parcel', 'build', 'index.html', '--public-url=./', '--no-cache'],
    output: 'dist',
  },
];

/** Rollup warns of an optional package that is neither installed nor external: socks. */
const NODE_PLUGINS = [
  '--plugin=node-resolve={preferBuiltins:true}',
  '--plugin=commonjs',
  '--external=socks',
  '--failAfterWarnings',
];

/** Bundles of a service, which run on Node without what they were made of: its source, and how it is bundled. */
const SERVICES = [
  ['esbuild', 'service.js', ['esbuild', '--bundle', '--platform=node', '--outfile=dist/service.cjs']],
  ['webpack', 'service.js', ['webpack', '--target=node', '--mode=production', '--output-filename=service.cjs']],
  ['esbuild', 'service.cjs', ['esbuild', '--bundle', '--platform=node', '--outfile=dist/service.cjs']],
  ['webpack', 'service.cjs', ['webpack', '--target=node', '--mode=production', '--output-filename=service.cjs']],
  [
    'Rollup',
    'service.js',
    ['rollup', ...NODE_PLUGINS, '--format=cjs', '--inlineDynamicImports', '--file=dist/service.cjs'],
  ],
];

const SERVICE_PACKAGES = [
  'esbuild',
  'webpack',
  'webpack-cli',
  'rollup',
  '@rollup/plugin-node-resolve',
  '@rollup/plugin-commonjs',
];

export const exchangeFile = fileURLToPath(new URL('exchange.js', import.meta.url));

/** The exchange as a CommonJS module. */
export async function exchangeAsCommonJs(file) {
  const { code } = await transform(await readFile(exchangeFile, 'utf8'), { format: 'cjs' });
  await writeFile(file, code);
}

async function services(ring) {
  let folder;
  for (const [name, source, command] of SERVICES) {
    await tested(ring, 'bundlers', name, `a service for Node, ${extname(source).slice(1)}`, async () => {
      folder ??= await project(ring, 'service', SERVICE_PACKAGES);
      await cp(exchangeFile, join(folder, 'exchange.js'));
      await exchangeAsCommonJs(join(folder, 'exchange.cjs'));
      await run('npx', ['--no-install', command[0], `./${source}`, ...command.slice(1)], folder);
      const alone = join(ring.temporary, `${name}-${extname(source).slice(1)}.cjs`);
      await cp(join(folder, 'dist/service.cjs'), alone);
      const said = await withBroker(({ tcp }) => run(process.execPath, [alone, tcp], ring.temporary));
      assert(said.trim() === '0, 1, 2', said);
      return versionOf(folder, name.toLowerCase());
    });
  }
}

export async function bundlers(ring) {
  await services(ring);
  for (const { name, packages, command, output, withPage = false } of BUNDLERS) {
    await tested(ring, 'bundlers', name, 'a page and its worker, in Chromium', async () => {
      const folder = await project(ring, 'page', packages, name);
      await cp(exchangeFile, join(folder, 'exchange.js'));
      await run('npx', ['--no-install', ...command], folder);
      const built = join(folder, output);
      if (withPage) await cp(join(folder, 'index.html'), join(built, 'index.html'));
      await withBroker(({ ws }) =>
        withSite(built, (url) => showsTitle(`${url}?broker=${encodeURIComponent(ws)}`, 'page 0, 1, 2; worker 0, 1, 2')),
      );
      return versionOf(folder, packages[0]);
    });
  }
}
