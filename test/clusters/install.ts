import { hasCommand, installPackages } from '../support/debian.js';

const SERVERS = ['rabbitmq-server', 'nats-server', 'redis-server', 'mosquitto'];

export default function install(): void {
  installPackages(SERVERS.map((name) => [name, () => hasCommand(name)]));
}
