import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The server itself; the command on the path changes the user first. */
export const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

function asRoot(...command: string[]): void {
  const [name = '', ...args] = process.getuid?.() === 0 ? command : ['sudo', '-n', ...command];
  // Its service is of no use here: the ring starts the server with a configuration of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync(name, args, { env, stdio: 'ignore' });
}

/** Installs what is missing. A ring without RabbitMQ has not passed: what cannot be installed is an error. */
export default function install(): void {
  if (existsSync(SERVER)) return;
  asRoot('apt-get', 'update', '-q');
  asRoot('apt-get', 'install', '-qy', '--no-install-recommends', 'rabbitmq-server');
  if (!existsSync(SERVER)) throw new Error('cannot install rabbitmq-server');
}
