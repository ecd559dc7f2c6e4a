import { hasCommand, installPackages } from '../support/debian.js';

/** Debian package and command. */
const NEEDED = [
  ['squid', 'squid'],
  ['tinyproxy', 'tinyproxy'],
  ['dante-server', 'danted'],
  ['microsocks', 'microsocks'],
  ['openssl', 'openssl'],
] as const;

export default function install(): void {
  installPackages(NEEDED.map(([name, command]) => [name, () => hasCommand(command)]));
}
