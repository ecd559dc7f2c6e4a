import { spawnSync } from 'node:child_process';

/** Command and Debian package. */
const NEEDED = [
  ['squid', 'squid'],
  ['tinyproxy', 'tinyproxy'],
  ['danted', 'dante-server'],
  ['microsocks', 'microsocks'],
  ['openssl', 'openssl'],
] as const;

/** Daemons live in folders that are not on every user's path. */
export const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

const has = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { env, stdio: 'ignore' }).status === 0;

function asRoot(...command: string[]): void {
  const [name = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  // Their services are of no use here: the ring starts the programs with configurations of its own.
  spawnSync(name, args, { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, stdio: 'ignore' });
}

/** Installs what is missing. A ring without proxies has not passed: what cannot be installed is an error. */
export default function install(): void {
  const missing = () => NEEDED.filter(([command]) => !has(command)).map(([, name]) => name);
  if (missing().length === 0) return;
  asRoot('apt-get', 'update', '-q');
  asRoot('apt-get', 'install', '-qy', '--no-install-recommends', ...missing());
  if (missing().length > 0) throw new Error(`cannot install ${missing().join(', ')}`);
}
