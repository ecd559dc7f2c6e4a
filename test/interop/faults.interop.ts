import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, range, tap } from 'rxjs';
import { connect, publishTo, type MqttClient } from '../../src/index.js';
import { env } from '../support/debian.js';
import { freePort } from '../support/free-ports.js';
import { FaultProxy } from '../support/fault-proxy.js';
import { granted, Tally, until } from '../support/numbered.js';

const MESSAGES = 10_000;
const root = join(__dirname, '../..');

let folder: string;
let port: number;
let mosquitto: ChildProcess | undefined;
const clients: MqttClient[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rxmqtt-faults-'));
  port = await freePort();
  // Written to disk after every change; still, what it had in memory at SIGKILL is lost.
  // Above its default of 20, Mosquitto 2.0.11 stalls QoS 2 messages of one client, with any client.
  const lines = [
    'user root',
    'max_inflight_messages 0',
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'max_queued_messages 0',
  ];
  const persistence = [
    'persistence true',
    `persistence_location ${folder}/`,
    'autosave_interval 1',
    'autosave_on_changes true',
  ];
  writeFileSync(join(folder, 'mosquitto.conf'), [...lines, ...persistence, ''].join('\n'));
  await start();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
  await stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  mosquitto = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { env, stdio: 'ignore' });
  for (let answers = false; !answers;) {
    answers = await new Promise<boolean>((resolve) => {
      const socket = dial(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (!answers) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => mosquitto?.once('close', resolve));
  mosquitto?.kill(signal);
  await gone;
}

function client(url: string, clientId: string): MqttClient {
  const made = connect(url, {
    clientId,
    protocolVersion: 4,
    clean: false,
    keepalive: 2,
    reconnect: { minDelay: 5, maxDelay: 20, jitter: 'none' },
  });
  clients.push(made);
  return made;
}

describe.each([1, 2] as const)(`${MESSAGES} messages at QoS %i`, (qos) => {
  it('over a line that is reset again and again: none lost, and at QoS 2 none doubled', async () => {
    const proxy = await FaultProxy.start(port);
    const tally = new Tally();
    const subscriber = client(proxy.url, 'subscriber');
    subscriber.subscribe('line', { qos }).subscribe((message) => tally.count(message.text()));
    await granted(subscriber, 'line');
    const project = (n: number): { topic: string; payload: string; qos: 1 | 2 } => ({
      topic: 'line',
      payload: String(n),
      qos,
    });
    let settled = 0;
    await lastValueFrom(
      range(0, MESSAGES).pipe(
        publishTo(client(proxy.url, 'publisher'), project, { concurrency: 20 }),
        tap(() => {
          if (++settled % 1000 === 0) proxy.strike('reset');
        }),
      ),
    );
    await until(() => tally.counts.size === MESSAGES, 60_000);
    const { lost, doubled } = tally.summary(MESSAGES);
    expect({ lost, doubled: qos === 2 ? doubled : 0 }).toEqual({ lost: 0, doubled: 0 });
    expect(proxy.struck).toBeGreaterThan(8);
    await Promise.all(clients.splice(0).map((each) => each.end({ force: true })));
    await proxy.close();
  }, 180_000);

  it('of a process that is killed again and again, with a store on LevelDB: none lost, and at QoS 2 none doubled', async () => {
    const tally = new Tally();
    const url = `mqtt://127.0.0.1:${port}`;
    const subscriber = client(url, 'observer');
    subscriber.subscribe(`killed/${qos}`, { qos }).subscribe((message) => tally.count(message.text()));
    await granted(subscriber, `killed/${qos}`);
    let next = 0;
    let kills = 0;
    for (let over = false; !over;) {
      const script = ['--import', 'tsx', 'test/interop/killed-client.ts', url, join(folder, 'level'), String(qos)];
      const child = spawn(process.execPath, [...script, String(next), String(MESSAGES)], { cwd: root });
      let output = '';
      let complaints = '';
      let seen = next;
      child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const lines = output.split('\n');
        output = lines.pop() ?? '';
        for (const line of lines) {
          if (line === 'done') over = true;
          else seen = Math.max(seen, Number(line) + 1);
        }
        if (!over && seen - next > 1500) child.kill('SIGKILL');
      });
      await new Promise((resolve) => child.once('close', resolve));
      expect(complaints).toBe('');
      if (!over) kills++;
      // What it had taken over is in its store; the next process goes on behind that.
      next = seen;
    }
    await until(() => tally.counts.size === MESSAGES, 60_000);
    const { lost, doubled } = tally.summary(MESSAGES);
    expect({ lost, doubled: qos === 2 ? doubled : 0 }).toEqual({ lost: 0, doubled: 0 });
    expect(kills).toBeGreaterThan(2);
  }, 180_000);

  /**
   * What Mosquitto has acknowledged and not yet written is lost with it: there the promise is Mosquitto's to keep. What
   * the client has to keep is that it goes on by itself, settles every publish, and sends again all that is open.
   */
  it('while Mosquitto is killed and started again: every publish is acknowledged, none is given up', async () => {
    const publisher = client(`mqtt://127.0.0.1:${port}`, 'publisher');
    const lost: string[] = [];
    let acknowledged = 0;
    let restarts = 0;
    const publishing = lastValueFrom(
      range(0, MESSAGES).pipe(
        publishTo(publisher, (n) => ({ topic: 'broker', payload: String(n), qos }), {
          concurrency: 20,
          onError: (error) => lost.push((error as Error).name),
        }),
      ),
      { defaultValue: undefined },
    );
    const counting = publisher.packets$.subscribe(({ direction, packet }) => {
      if (direction === 'in' && (packet.cmd === 'puback' || packet.cmd === 'pubcomp')) acknowledged++;
    });
    while (restarts < 3) {
      const before = acknowledged;
      await until(() => acknowledged > before + 500);
      await stop('SIGKILL');
      await start();
      restarts++;
    }
    await publishing;
    counting.unsubscribe();
    expect(publisher.stats().inFlight.messages).toBe(0);
    // In doubt, and said so, is only what was open at QoS 2 when Mosquitto forgot the session.
    expect(lost.filter((name) => qos === 1 || name !== 'SessionLostError')).toEqual([]);
    expect(lost.length).toBeLessThanOrEqual(restarts * 20);
  }, 180_000);
});
