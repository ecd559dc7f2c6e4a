import { spawnSync } from 'node:child_process';

/** Daemons live in folders that are not on every user's path. */
export const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** In the `globals` of a ring's configuration: its Debian packages, each with a command or a file that it brings. */
interface Globals {
  readonly debian: Readonly<Record<string, string>>;
}

/**
 * The set-up of a ring: installs the Debian packages that are missing. A ring without them has not passed, so an error
 * names those that cannot be installed. Jest resolves no import of our own sources here.
 */
export default function install(_: unknown, { globals }: { readonly globals: unknown }): void {
  const { debian } = globals as Globals;
  const missing = (): string[] => Object.keys(debian).filter((name) => !has(debian[name] ?? name));
  if (missing().length === 0) return;
  asRoot('apt-get', 'update', '-q');
  asRoot('apt-get', 'install', '-qy', '--no-install-recommends', ...missing());
  if (missing().length > 0) throw new Error(`cannot install ${missing().join(', ')}`);
}

const has = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { env, stdio: 'ignore' }).status === 0;

function asRoot(...command: string[]): void {
  const [name = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  // Their services are of no use here: the rings start the programs with configurations of their own.
  spawnSync(name, args, { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, stdio: 'ignore' });
}
