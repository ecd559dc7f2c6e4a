import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(__dirname, '../..');

/**
 * A program of the repository as one file, which plain Node starts several times faster than tsx, module by module,
 * starts its source. The program finds itself at the place of that source.
 *
 * @param source absolute, or relative to the repository
 */
export function bundledProgram(source: string): string {
  const path = resolve(root, source);
  const program = join(root, 'artifacts/programs', relative(root, path).replace(/\.ts$/, '.mjs'));
  const unfinished = `${program}.${process.pid}`;
  const options = [
    '--bundle',
    '--log-level=warning',
    '--platform=node',
    '--format=esm',
    '--target=es2022',
    '--packages=external',
  ];
  const place = [
    `--define:import.meta.url=${JSON.stringify(pathToFileURL(path).href)}`,
    `--banner:js=process.argv[1] = ${JSON.stringify(path)};`,
  ];
  execFileSync(join(root, 'node_modules/.bin/esbuild'), [path, ...options, ...place, `--outfile=${unfinished}`], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // In one step: another test may be starting the same program.
  renameSync(unfinished, program);
  return program;
}
