import { connectAsync } from 'mqtt';
import type { RawClient } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();

/** What came in, in one word each. */
const names = (packets: readonly { readonly cmd: string }[]): string => packets.map(({ cmd }) => cmd).join(' ');

/** Half of the shortest delayed acknowledgement of TCP on Linux, in ms: a round trip over loopback is far from it. */
const STALLED = 20;

/** The packet identifiers of the next PUBACKs; messages that come meanwhile are not answered. */
async function pubacks(client: RawClient, count: number): Promise<readonly number[]> {
  const before = client.log.length;
  const found = (): number[] =>
    client.log.slice(before).flatMap((packet) => (packet.cmd === 'puback' ? packet.packetId : []));
  while (found().length < count) await new Promise((resolve) => setImmediate(resolve));
  return found();
}

describe('a client that publishes to a topic of its own', () => {
  test.each([
    [1, 'publish puback'],
    [2, 'publish pubrec'],
  ] as const)('at QoS %i gets the message, then its answer: %s', async (qos, order) => {
    const { connect } = await start();
    const client = await connect();
    await client.subscribe('t', 2);
    client.publish('t', 'x', { qos, packetId: 7 });
    await client.next('publish');
    await client.next(qos === 1 ? 'puback' : 'pubrec');
    expect(names(client.log.slice(-2))).toBe(order);
  });

  // MQTT.js leaves Nagle's algorithm on.
  test.each([
    [1, 'message'],
    [1, 'answer'],
    [2, 'message'],
    [2, 'answer'],
  ] as const)(
    'at QoS %i waits for no delayed acknowledgement of TCP when it waits for the %s',
    async (qos, waitsFor) => {
      const { urls } = await start();
      const client = await connectAsync(urls[0] ?? '', { reconnectPeriod: 0 });
      await client.subscribeAsync('own', { qos });
      const times: number[] = [];
      for (let count = 0; count < 21; count++) {
        const began = performance.now();
        const message = new Promise<void>((resolve) => client.once('message', () => resolve()));
        const answer = client.publishAsync('own', 'x', { qos });
        await (waitsFor === 'message' ? message : answer);
        times.push(performance.now() - began);
        await Promise.all([message, answer]);
      }
      await client.endAsync(true);
      expect(times.sort((a, b) => a - b)[10]).toBeLessThan(STALLED);
    },
  );

  test('gets PUBACK soon, also without an answer', async () => {
    const { connect } = await start();
    const client = await connect();
    await client.subscribe('t', 1);
    const began = performance.now();
    for (const packetId of [1, 2, 3]) client.publish('t', 'x', { qos: 1, packetId });
    expect(await pubacks(client, 3)).toEqual([1, 2, 3]);
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('[v5 MQTT-4.6.0-2] [v4 MQTT-4.6.0-2] gets the PUBACKs of others behind it', async () => {
    const { connect } = await start();
    const client = await connect();
    await client.subscribe('own', 1);
    const others = ['a', 'own', 'b', 'c'];
    others.forEach((topic, index) => client.publish(topic, 'x', { qos: 1, packetId: index + 1 }));
    expect(await pubacks(client, 4)).toEqual([1, 2, 3, 4]);
  });

  test('gets it before DISCONNECT', async () => {
    const { broker, connect } = await start();
    const client = await connect({ clientId: 'own' });
    await client.subscribe('own', 1);
    broker.published$.subscribe(() => queueMicrotask(() => broker.disconnectClient('own')));
    client.publish('own', 'x', { qos: 1 });
    expect(names(await client.closed())).toBe('publish puback disconnect');
  });

  test('gets it at once where the message is not to be answered', async () => {
    const { connect } = await start();
    const client = await connect();
    await client.subscribe('t', 0);
    client.publish('t', 'x', { qos: 1 });
    await pubacks(client, 1);
    expect(names(client.log.slice(-2))).toBe('publish puback');
  });
});
