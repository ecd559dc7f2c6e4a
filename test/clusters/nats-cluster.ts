import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster, Node } from './cluster.js';
import { configuration } from './configuration.js';
import { freePorts } from '../support/free-ports.js';
import { env } from '../support/debian.js';
import { ServerProcess } from './server-process.js';

const NAMES = ['nats-1', 'nats-2', 'nats-3'] as const;

/** Three nodes of NATS with JetStream, up and with a leader. */
export async function startNats(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-nats-'));
  const ports = await freePorts(9);
  const port = (node: number, what: number): number => ports[node * 3 + what] ?? 0;
  const nodes = NAMES.map((name, at): Node => {
    const file = join(folder, `${name}.conf`);
    const [MQTT, CLIENTS, ROUTES] = [port(at, 0), port(at, 1), port(at, 2)];
    const routes = { ROUTES_1: port(0, 2), ROUTES_2: port(1, 2), ROUTES_3: port(2, 2) };
    const STORE = join(folder, name);
    writeFileSync(file, configuration('nats-server.conf', { NODE: name, STORE, MQTT, CLIENTS, ROUTES, ...routes }));
    // -D: it tells of each client that connects.
    const command = { name: 'nats-server', args: ['-D', '-c', file], env, ready: 'Server is ready', patience: 20_000 };
    return { name, url: `mqtt://127.0.0.1:${MQTT}`, server: new ServerProcess(command) };
  });
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map(({ server }) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(nodes.map(({ server }) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'NATS 2.9',
    nodes,
    options: { protocolVersion: 4 },
    accepted: /\[DBG\] (\S+):\d+ - mid:\d+ - Client connection created/,
    stop,
  };
}
