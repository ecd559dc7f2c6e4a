import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/free-ports.js';

/** The server itself; the command on the path changes the user first. */
export const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export const PASSWORD = 'c0rrect-horse';

/** `hall` may do everything; `guest-7` may read and write below `allowed/` only. */
const DEFINITIONS = {
  users: ['hall', 'guest-7'].map((name) => ({ name, password: PASSWORD, tags: '' })),
  vhosts: [{ name: '/' }],
  permissions: ['hall', 'guest-7'].map((user) => ({ user, vhost: '/', configure: '.*', write: '.*', read: '.*' })),
  topic_permissions: [
    { user: 'guest-7', vhost: '/', exchange: 'amq.topic', write: '^allowed\\..*', read: '^allowed\\..*' },
  ],
};

/** A real RabbitMQ with its MQTT plugin on a free port of the loopback interface, with folders of its own. */
export class RealRabbitMq {
  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly running: readonly ChildProcess[],
  ) {
    process.once('exit', this.killAll);
  }

  /** A ring that dies leaves no server behind. */
  private readonly killAll = (): void => this.running.forEach((child) => kill(child, 'SIGKILL'));

  static async start(): Promise<RealRabbitMq> {
    const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-rabbitmq-'));
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const [mqtt, distribution, names] = [await freePort(), await freePort(), await freePort()];
    const env = {
      ...process.env,
      HOME: folder,
      // Erlang's name server, which would else become a daemon that outlives the ring.
      ERL_EPMD_PORT: String(names),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `rxmqtt-${mqtt}@localhost`,
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1',
      RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins', '[rabbitmq_mqtt].\n'),
      RABBITMQ_CONFIG_FILE: file(
        'rabbitmq.conf',
        [
          'listeners.tcp = none',
          `mqtt.listeners.tcp.1 = 127.0.0.1:${mqtt}`,
          'mqtt.allow_anonymous = false',
          'mqtt.exchange = amq.topic',
          'log.console = true',
          'log.console.level = warning',
          `load_definitions = ${file('definitions.json', JSON.stringify(DEFINITIONS))}`,
        ].join('\n') + '\n',
      ),
    };
    const epmd = spawn('epmd', ['-port', String(names), '-address', '127.0.0.1'], {
      env,
      stdio: 'ignore',
      detached: true,
    });
    // A group of its own, because the server is a shell script and what that starts.
    const server = spawn(SERVER, [], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const rabbit = new RealRabbitMq(`mqtt://127.0.0.1:${mqtt}`, folder, [server, epmd]);
    let said = '';
    for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (said += chunk));
    // It tells when everything runs; its port is open earlier.
    for (let patience = 600; !said.includes('completed with'); patience--) {
      if (server.exitCode !== null || patience === 0) {
        await rabbit.stop();
        throw new Error(`RabbitMQ does not start: ${said}`);
      }
      await delay(100);
    }
    return rabbit;
  }

  async stop(): Promise<void> {
    for (const child of this.running) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      kill(child, 'SIGTERM');
      const patience = new AbortController();
      void delay(15_000, undefined, { signal: patience.signal }).then(
        () => kill(child, 'SIGKILL'),
        () => undefined,
      );
      if (child.exitCode === null && child.signalCode === null) await gone;
      patience.abort();
      // What the script has left of its group.
      kill(child, 'SIGKILL');
    }
    process.off('exit', this.killAll);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Signals the process group of a child; one that is gone needs no signal. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
