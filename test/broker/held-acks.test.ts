import type { RawClient } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();

/** What came in, in one word each. */
const names = (packets: readonly { readonly cmd: string }[]): string => packets.map(({ cmd }) => cmd).join(' ');

/** The packet identifiers of the next PUBACKs; messages that come meanwhile are not answered. */
async function pubacks(client: RawClient, count: number): Promise<readonly number[]> {
  const before = client.log.length;
  const found = (): number[] =>
    client.log.slice(before).flatMap((packet) => (packet.cmd === 'puback' ? packet.packetId : []));
  while (found().length < count) await new Promise((resolve) => setImmediate(resolve));
  return found();
}

describe('a client that publishes to a topic of its own', () => {
  test('gets PUBACK with its next packet, so that TCP acknowledges what that carries', async () => {
    const { connect } = await start();
    const client = await connect();
    await client.subscribe('t', 1);
    client.publish('t', 'x', { qos: 1, packetId: 7 });
    const { packetId } = await client.next('publish');
    expect(names(client.log.slice(-1))).toBe('publish');
    client.send({ cmd: 'puback', packetId, reasonCode: 0 });
    expect((await client.next('puback')).packetId).toBe(7);
  });

  test('gets it soon, also without an answer', async () => {
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

  test('gets it at once after it has left three messages in a row without an answer', async () => {
    const { connect } = await start();
    const client = await connect();
    await client.subscribe('t', 1);
    for (const packetId of [1, 2, 3]) {
      client.publish('t', 'x', { qos: 1, packetId });
      await client.next('publish');
      await client.next('puback');
    }
    client.publish('t', 'x', { qos: 1, packetId: 4 });
    await client.next('publish');
    expect(names(client.log.slice(-2))).toBe('publish puback');
  });
});
