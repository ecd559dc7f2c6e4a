/**
 * Makes what the example stands on: the library as built from this repository, its packages, and the application.
 * The library goes into a folder of its own, with what `npm pack` would take of it, because a link to the repository
 * would bring a second Angular along: the one that the library is tested with.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const repository = at('../../../');
const example = at('../');
const library = at('../.library/');

function run(folder: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status === 0) return stdout + stderr;
  throw new Error(`${command} ${args.join(' ')} failed in ${folder}:\n${stdout}${stderr}`);
}

/** @returns what `ng build` printed. */
export function prepare(): string {
  if (!existsSync(`${repository}dist/browser/index.js`)) run(repository, 'npm', 'run', 'build');
  rmSync(library, { recursive: true, force: true });
  mkdirSync(library, { recursive: true });
  cpSync(`${repository}dist`, `${library}dist`, { recursive: true });
  const { name, version, type, sideEffects, exports, peerDependencies } = JSON.parse(
    readFileSync(`${repository}package.json`, 'utf8'),
  ) as Record<string, unknown> & { peerDependencies: Record<string, string> };
  writeFileSync(
    `${library}package.json`,
    `${JSON.stringify({ name, version, type, sideEffects, exports, peerDependencies: { rxjs: peerDependencies['rxjs'] } }, null, 2)}\n`,
  );
  if (!existsSync(`${example}node_modules`)) {
    // Not `npm ci`, which insists on optional packages for other platforms that the lock file may name none of.
    run(example, 'npm', 'install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts');
  }
  return run(example, 'npx', 'ng', 'build');
}
