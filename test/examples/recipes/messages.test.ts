import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filter, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { trace } from '../../../examples/recipes/debugging.js';
import { receiveLarge, sendLarge } from '../../../examples/recipes/large-messages.js';
import { createBroker, type Broker } from '../../../src/broker/index.js';
import { connect, type MqttClient } from '../../../src/index.js';
import { bundledProgram } from '../../support/bundled-program.js';

const KIB = 1024;
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let broker: Broker;
let url: string;
let sender: MqttClient;
let receiver: MqttClient;

beforeEach(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], limits: { packetSize: 64 * KIB } });
  [url = ''] = await broker.listening;
  sender = connect(url, { username: 'hall', password: 'correct horse' });
  receiver = connect(url);
});
afterEach(async () => {
  await Promise.all([sender.end(), receiver.end()]);
  await broker.close();
});

describe('large-messages.ts', () => {
  it('sends a megabyte over a broker that takes 64 KiB, and other messages in between', async () => {
    const picture = randomBytes(KIB * KIB);
    const state = await firstValueFrom(sender.connected$);
    expect(state.negotiated.maximumPacketSize).toBe(64 * KIB);
    await expect(lastValueFrom(sender.publish('camera/7', picture, { qos: 1 }))).rejects.toMatchObject({
      code: 'PACKET_TOO_LARGE',
    });
    const arrived = firstValueFrom(receiveLarge(receiver, 'camera/+'));
    await firstValueFrom(receiver.granted('camera/+'));
    const order: string[] = [];
    const sent = sendLarge(sender, 'camera/7', picture, 32 * KIB).then(() => order.push('picture'));
    const small = lastValueFrom(sender.publish('door', 'open', { qos: 1 })).then(() => order.push('door'));
    await Promise.all([sent, small]);
    const { topic, payload } = await arrived;
    expect([topic, hash(payload)]).toEqual(['camera/7', hash(picture)]);
    expect(order).toEqual(['door', 'picture']);
  });

  it('puts several together at a time, an empty one too, and forgets the oldest that is not complete', async () => {
    const pictures = [randomBytes(100 * KIB), randomBytes(50 * KIB), new Uint8Array()];
    const arrived = firstValueFrom(
      receiveLarge(receiver, 'camera/+', { bytes: 100 * KIB, messages: 3 }).pipe(take(3), toArray()),
    );
    await firstValueFrom(receiver.granted('camera/+'));
    // Cameras that send the first part only, and one that promises too much.
    for (const bytes of [10, 20, 30, 40, 1e12].map(String)) {
      const properties = { userProperties: { id: `lost-${bytes}`, at: '0', bytes } };
      await lastValueFrom(sender.publish('camera/9', 'part', { qos: 1, properties }));
    }
    await Promise.all(pictures.map((picture, at) => sendLarge(sender, `camera/${at}`, picture, 32 * KIB)));
    const seen = new Map((await arrived).map(({ topic, payload }) => [topic, hash(payload)]));
    expect(seen).toEqual(new Map(pictures.map((picture, at) => [`camera/${at}`, hash(picture)])));
  });
});

describe('debugging.ts', () => {
  it('tells states, filters and packets, and neither payload nor password', async () => {
    const lines: string[] = [];
    const traced = connect(url, { username: 'hall', password: 'correct horse' });
    trace(traced).subscribe((line) => lines.push(line));
    const message = firstValueFrom(traced.subscribe('hall/+/celsius', { qos: 1 }));
    const unsubscribed = firstValueFrom(traced.packets$.pipe(filter(({ packet }) => packet.cmd === 'unsuback')));
    await firstValueFrom(traced.granted('hall/+/celsius'));
    await lastValueFrom(traced.publish('hall/7/celsius', 'secret', { qos: 1 }));
    await message;
    // `end()` waits for no UNSUBACK.
    await unsubscribed;
    await traced.end();
    const beginning = (word: string): string[] => lines.filter((line) => line.startsWith(word));
    expect(beginning('state')).toEqual(['idle', 'connecting', 'connected', 'ended'].map((status) => `state ${status}`));
    expect(beginning('filters')).toEqual(
      ['none', 'hall/+/celsius pending', 'hall/+/celsius active', 'none'].map((filters) => `filters ${filters}`),
    );
    expect(beginning('->')).toEqual([
      '-> connect',
      '-> subscribe 1 hall/+/celsius',
      '-> publish 2 hall/7/celsius, 6 bytes, QoS 1',
      '-> puback 1',
      '-> unsubscribe 3 hall/+/celsius',
      '-> disconnect 0x00',
    ]);
    expect(beginning('<-')).toEqual([
      '<- connack 0x00',
      '<- suback 1',
      '<- publish 1 hall/7/celsius, 6 bytes, QoS 1',
      '<- puback 2',
      '<- unsuback 3',
    ]);
    expect(lines.join()).not.toMatch(/secret|horse/);
  });

  it('the command shows the same from outside: rxmqtt sub -v', async () => {
    broker.publish({ topic: 'hall/7/celsius', payload: '21.5', retain: true });
    const args = [bundledProgram('src/cli/main.ts'), 'sub', 'hall/#', '-v', '-n', '1', '-L', url];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: join(__dirname, '../../..') });
    expect(stdout).toBe('hall/7/celsius 21.5\n');
    for (const packet of ['CONNECT', 'CONNACK', 'SUBSCRIBE', 'SUBACK', 'PUBLISH', 'DISCONNECT']) {
      expect(stderr).toContain(packet);
    }
  }, 60_000);
});
