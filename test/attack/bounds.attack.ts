import { PublishPacket } from '../../src/packet/publish-packet.js';
import type { PublishProperties } from '../../src/packet/packets.js';
import { RawClient } from '../support/raw-client.js';
import { Attacker, bytesOf } from './support/attacker.js';
import { brokerProcesses } from './support/broker-process.js';
import { clientProcesses } from './support/client-process.js';
import { scaled } from './support/form.js';

const MB = 1024 * 1024;
const startBroker = brokerProcesses();
const startClient = clientProcesses();

/** Each message alone in a chunk of 64 kB, behind one that nobody gets. */
const padding = bytesOf(new PublishPacket('nobody', new Uint8Array(60_000), 0, false, false, 0, undefined));

const MESSAGES: Readonly<Record<string, (index: number) => Uint8Array>> = {
  'user properties': (index) => {
    const userProperties = Array.from({ length: 1000 }, (_, at) => [`${at}`, ''] as const);
    return retained(`r/${index}`, { userProperties });
  },
  'correlation data': (index) =>
    Buffer.concat([padding, retained(`r/${index}`, { correlationData: new Uint8Array(8) })]),
  'topics outside of ASCII': (index) => retained(`${'\u4e16'.repeat(10_000)}/${index}`, undefined),
};

function retained(topic: string, properties: PublishProperties | undefined): Uint8Array {
  return bytesOf(new PublishPacket(topic, Buffer.from('x'), 0, true, false, 0, properties));
}

test.each(Object.keys(MESSAGES))('retained messages take about what their limit says: %s', async (kind) => {
  const limit = scaled(20, 100) * MB;
  const { process, url } = await startBroker({ limits: { retainedBytes: limit } });
  const make = MESSAGES[kind] ?? (() => new Uint8Array(0));
  const attacker = (await Attacker.connect(url)).read();
  const before = await process.measure();
  for (let index = 0; index < scaled(1000, 15_000); index++) await attacker.send(make(index));
  const client = await RawClient.connect(url);
  await client.settle();
  const after = await process.measure();
  expect(after.live - before.live).toBeLessThan(2 * limit);
});

test('what waits on a client takes about what offline.maxBytes says, properties and all', async () => {
  const limit = 4 * MB;
  const client = await startClient('mqtt://127.0.0.1:1', { offline: { maxBytes: limit } });
  const before = await client.measure();
  const burst = { count: scaled(2000, 10_000), payload: 0, topic: 't', properties: 100 };
  const failures = await client.ask<string[]>('burst', burst);
  const after = await client.measure();
  expect(failures.length).toBeGreaterThan(0);
  expect(after.live - before.live).toBeLessThan(3 * limit);
});

test("what waits on a client with overflow: 'wait' is bounded as well", async () => {
  const client = await startClient('mqtt://127.0.0.1:1', { offline: { maxMessages: 10, overflow: 'wait' } });
  const failures = await client.ask<string[]>('burst', { count: 50, payload: 10, topic: 't', properties: 0 });
  expect(await client.ask('stats')).toMatchObject({ messages: 20 });
  expect(failures).toEqual(new Array(30).fill('QUEUE_FULL'));
});
