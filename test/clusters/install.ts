import { spawnSync } from 'node:child_process';

/** Command and Debian package. */
const NEEDED = [
  ['rabbitmq-server', 'rabbitmq-server'],
  ['nats-server', 'nats-server'],
  ['redis-server', 'redis-server'],
  ['mosquitto', 'mosquitto'],
] as const;

/** Servers live in folders that are not on every user's path. */
export const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

const has = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { env, stdio: 'ignore' }).status === 0;

function asRoot(...command: string[]): void {
  const [name = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  // Their services are of no use here: the ring starts the servers with configurations of its own.
  spawnSync(name, args, { env: { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, stdio: 'ignore' });
}

/** Installs what is missing. A ring without clusters has not passed: what cannot be installed is an error. */
export default function install(): void {
  const missing = () => NEEDED.filter(([command]) => !has(command)).map(([, name]) => name);
  if (missing().length === 0) return;
  asRoot('apt-get', 'update', '-q');
  asRoot('apt-get', 'install', '-qy', '--no-install-recommends', ...missing());
  if (missing().length > 0) throw new Error(`cannot install ${missing().join(', ')}`);
}
