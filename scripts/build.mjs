/** `npm run build`: dist/node and dist/browser by rollup, and the declarations of both module formats by tsc. */
import { spawn } from 'node:child_process';
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ts from 'typescript';

function run(command, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(join('node_modules/.bin', command), args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} failed`))));
  });
}

/** Removes the declarations that no entry leads to: more than half of them describe what is inside only. */
async function keepReachable(folder) {
  const { exports } = JSON.parse(await readFile('package.json', 'utf8'));
  const entries = JSON.stringify(exports).match(/(?<=\.\/)dist\/types\/esm\/[^"]+/g);
  const reachable = new Set();
  async function visit(declarations) {
    if (reachable.has(declarations)) return;
    reachable.add(declarations);
    const { importedFiles } = ts.preProcessFile(await readFile(declarations, 'utf8'));
    const own = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
    await Promise.all(own.map((name) => visit(join(dirname(declarations), name).replace(/\.js$/, '.d.ts'))));
  }
  await Promise.all(entries.map(visit));
  const files = (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
  const isLeftOver = (file) => file.endsWith('.d.ts') && !reachable.has(file);
  await Promise.all(files.filter(isLeftOver).flatMap((file) => [rm(file), rm(`${file}.map`)]));
}

process.chdir(new URL('..', import.meta.url).pathname);
await rm('dist', { recursive: true, force: true });
await Promise.all([
  run('rollup', '--config', '--silent', '--failAfterWarnings'),
  run('tsc', '-p', 'tsconfig.types.json'),
]);
await keepReachable('dist/types/esm');
// The same declarations once more, read as those of CommonJS.
await cp('dist/types/esm', 'dist/types/cjs', { recursive: true });
await writeFile('dist/types/cjs/package.json', '{ "type": "commonjs" }\n');
