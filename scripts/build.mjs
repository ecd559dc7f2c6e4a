/** `npm run build`: dist/node and dist/browser by rollup, and the declarations of both module formats by tsc. */
import { spawn } from 'node:child_process';
import { cp, rm, writeFile } from 'node:fs/promises';

function run(...command) {
  return new Promise((resolve, reject) => {
    const child = spawn('npx', command, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command.join(' ')} failed`))));
  });
}

process.chdir(new URL('..', import.meta.url).pathname);
await rm('dist', { recursive: true, force: true });
await Promise.all([
  run('rollup', '--config', '--silent', '--failAfterWarnings'),
  run('tsc', '-p', 'tsconfig.types.json'),
]);
// The same declarations once more, read as those of CommonJS.
await cp('dist/types/esm', 'dist/types/cjs', { recursive: true });
await writeFile('dist/types/cjs/package.json', '{ "type": "commonjs" }\n');
