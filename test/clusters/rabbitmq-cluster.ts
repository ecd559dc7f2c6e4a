import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVER } from '../rabbitmq/real-rabbitmq.js';
import type { Cluster, Node } from './cluster.js';
import { configuration } from './configuration.js';
import { freePorts } from '../support/free-ports.js';
import { env } from '../support/debian.js';
import { ServerProcess } from './server-process.js';

const USER = 'hall';
const PASSWORD = 'c0rrect-horse';

const DEFINITIONS = {
  users: [{ name: USER, password: PASSWORD, tags: '' }],
  vhosts: [{ name: '/' }],
  permissions: [{ user: USER, vhost: '/', configure: '.*', write: '.*', read: '.*' }],
};

/** Three nodes of RabbitMQ with its MQTT plugin, as one cluster. */
export async function startRabbitMq(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-rabbitmq-'));
  const write = (name: string, content: string): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const ports = await freePorts(7);
  const [names = 0] = ports.slice(6);
  // The cookie that the nodes know each other by.
  chmodSync(write('.erlang.cookie', 'RXMQTTRING'), 0o400);
  const definitions = write('definitions.json', JSON.stringify(DEFINITIONS));
  const plugins = write('plugins', '[rabbitmq_mqtt].\n');
  const nodeNames = [0, 1, 2].map((at) => `rxmqtt-${ports[at]}@localhost`);
  const [NODE_1 = '', NODE_2 = '', NODE_3 = ''] = nodeNames;
  const shared = { ...env, HOME: folder, ERL_EPMD_PORT: String(names), ERL_EPMD_ADDRESS: '127.0.0.1' };
  const nodes = nodeNames.map((name, at): Node => {
    const MQTT = ports[at] ?? 0;
    const home = join(folder, String(at + 1));
    mkdirSync(home);
    const file = write(
      `${at + 1}.conf`,
      configuration('rabbitmq.conf', { MQTT, NODE_1, NODE_2, NODE_3, DEFINITIONS: definitions }),
    );
    const command = {
      name: SERVER,
      args: [],
      env: {
        ...shared,
        RABBITMQ_NODENAME: name,
        RABBITMQ_DIST_PORT: String(ports[at + 3]),
        RABBITMQ_MNESIA_BASE: join(home, 'mnesia'),
        RABBITMQ_LOG_BASE: join(home, 'log'),
        RABBITMQ_LOGS: '-',
        RABBITMQ_PID_FILE: join(home, 'pid'),
        RABBITMQ_GENERATED_CONFIG_DIR: join(home, 'generated'),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none',
        RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
        RABBITMQ_CONFIG_FILE: file,
      },
      ready: 'completed with',
      patience: 180_000,
    };
    return { name, url: `mqtt://127.0.0.1:${MQTT}`, server: new ServerProcess(command) };
  });
  // Erlang's name server, which would else become a daemon that outlives the ring. It prints nothing when it is up.
  const epmd = new ServerProcess({
    name: 'epmd',
    args: ['-port', String(names), '-address', '127.0.0.1', '-d'],
    env: shared,
    ready: 'epmd running',
    patience: 10_000,
  });
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map(({ server }) => server.stop()));
    await epmd.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await epmd.start();
    const [first, ...others] = nodes;
    // The others join it.
    await first?.server.start();
    await Promise.all(others.map(({ server }) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'RabbitMQ 3.10',
    nodes,
    options: { protocolVersion: 4, username: USER, password: PASSWORD },
    accepted: /accepting MQTT connection <\S+> \(([\d.]+):/,
    stop,
  };
}
