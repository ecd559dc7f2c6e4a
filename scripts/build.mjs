/** Builds dist/esm and dist/cjs (bundled by entry, with a declaration file for each source file) and dist/browser (bundles). */
import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { browserFiles } from './browser-bundle.mjs';
import { bundleForNode } from './node-bundle.mjs';

const root = new URL('../', import.meta.url);

function tsc(project) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`tsc -p ${project} failed`))));
  });
}

/** Tells Node and TypeScript how the `.js` and `.d.ts` files of a folder are to be read. */
async function mark(folder, type) {
  await mkdir(new URL(`dist/${folder}/`, root), { recursive: true });
  await writeFile(
    new URL(`dist/${folder}/package.json`, root),
    `${JSON.stringify({ type, sideEffects: false }, null, 2)}\n`,
  );
}

/** CommonJS in the shape of browsers is what test runners ask for: its messages are whole. */
const forBrowsers = [
  ['', { format: 'esm', name: 'index' }],
  ['', { format: 'esm', name: 'single', single: true }],
  ['', { format: 'cjs', name: 'index', single: true, development: true }],
  ['development/', { format: 'esm', name: 'index', development: true }],
  ['development/', { format: 'esm', name: 'single', single: true, development: true }],
];

async function bundleForBrowsers() {
  await mkdir(new URL('dist/browser/development/', root), { recursive: true });
  for (const [folder, options] of forBrowsers) {
    for (const { file, code, map } of await browserFiles(options)) {
      const target = new URL(`dist/browser/${folder}${file}`, root);
      await writeFile(target, code);
      await writeFile(`${target.pathname}.map`, map);
    }
  }
}

process.chdir(new URL('.', root).pathname);
await rm('dist', { recursive: true, force: true });
const results = await Promise.allSettled([
  tsc('tsconfig.esm.json'),
  tsc('tsconfig.cjs.json'),
  bundleForBrowsers(),
  mark('esm', 'module'),
  mark('cjs', 'commonjs'),
]);
for (const result of results) {
  if (result.status === 'fulfilled') continue;
  console.error(result.reason instanceof Error ? result.reason.message : result.reason);
  process.exitCode = 1;
}
if (process.exitCode === undefined) await bundleForNode();
