import { spawnSync } from 'node:child_process';

/** Daemons live in folders that are not on every user's path. */
export const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

export const hasCommand = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { env, stdio: 'ignore' }).status === 0;

/**
 * Installs the Debian packages that are missing. A ring without them has not passed: an error names those that cannot be
 * installed.
 *
 * @param packages - each with a test of whether it is there.
 */
export function installPackages(packages: readonly (readonly [name: string, isThere: () => boolean])[]): void {
  const missing = (): string[] => packages.filter(([, isThere]) => !isThere()).map(([name]) => name);
  if (missing().length === 0) return;
  asRoot('apt-get', 'update', '-q');
  asRoot('apt-get', 'install', '-qy', '--no-install-recommends', ...missing());
  if (missing().length > 0) throw new Error(`cannot install ${missing().join(', ')}`);
}

function asRoot(...command: string[]): void {
  const [name = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  // Their services are of no use here: the rings start the programs with configurations of their own.
  spawnSync(name, args, { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, stdio: 'ignore' });
}
