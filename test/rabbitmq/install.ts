import { existsSync } from 'node:fs';
import { installPackages } from '../support/debian.js';

/** The server itself; the command on the path changes the user first. */
export const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export default function install(): void {
  installPackages([['rabbitmq-server', () => existsSync(SERVER)]]);
}
