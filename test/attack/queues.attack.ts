import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { RawClient } from '../support/raw-client.js';
import { Attacker, bytesOf } from './support/attacker.js';
import { brokerProcesses } from './support/broker-process.js';
import { scaled } from './support/form.js';

const MB = 1024 * 1024;
const startBroker = brokerProcesses();

const persistent = { clean: false, properties: { sessionExpiryInterval: 600 } } as const;

/** Publishes one message after the other at QoS 1, so many at a time; returns the reason codes. */
async function publishAll(client: RawClient, topic: string, count: number, size: number): Promise<number[]> {
  const payload = new Uint8Array(size);
  const codes: number[] = [];
  for (let sent = 0; sent < count; sent++) {
    client.publish(topic, payload, { qos: 1 });
    if (sent >= 8) codes.push((await client.next('puback')).reasonCode);
  }
  while (codes.length < count) codes.push((await client.next('puback')).reasonCode);
  return codes;
}

/** Takes and acknowledges messages until PINGRESP comes; returns how many came before that. */
async function acknowledgeUntilPing(client: RawClient): Promise<number> {
  for (let arrived = 0; ; arrived++) {
    const packet = await client.take(120_000);
    if (packet?.cmd === 'pingresp') return arrived;
    if (packet?.cmd !== 'publish') throw new Error(`${packet?.cmd ?? 'the end'} came instead of a message`);
    client.ack('puback', packet.packetId);
  }
}

const taken = (codes: readonly number[]): number => codes.filter((code) => code === 0).length;

test('what a subscriber on a slow line cannot get is refused, and it stays connected', async () => {
  const { process, url } = await startBroker();
  const subscriber = await RawClient.connect(url, { clientId: 'slow', ...persistent });
  await subscriber.subscribe('t', 1);
  const socket = subscriber['socket' as never] as Socket;
  socket.pause();
  const publisher = await RawClient.connect(url, { clientId: 'publisher' });
  const before = await process.measure();
  const publishing = publishAll(publisher, 't', 200, MB);
  // It reads a little now and then.
  let isSlow = true;
  const trickle = setInterval(() => {
    socket.resume();
    setImmediate(() => {
      if (isSlow) socket.pause();
    });
  }, 20);
  const reading = acknowledgeUntilPing(subscriber);
  const codes = await publishing;
  const after = await process.measure();
  clearInterval(trickle);
  isSlow = false;
  socket.resume();
  subscriber.send({ cmd: 'pingreq' });
  let arrived = await reading;
  expect(new Set(codes)).toEqual(new Set(codes.includes(0x97) ? [0, 0x97] : [0]));
  expect(after.peak - before.resident).toBeLessThan(250 * MB);
  for (; arrived < taken(codes); arrived++) await subscriber.message();
  expect(arrived).toBe(taken(codes));
  expect((await subscriber.settle()).map(({ cmd }) => cmd)).toEqual([]);
});

test('sessions that fill the pool leave room for others, and disconnect none of them', async () => {
  const limits = { totalQueuedBytes: 64 * MB };
  const { url, counters } = await startBroker({ limits });
  const publisher = await RawClient.connect(url, { clientId: 'publisher' });
  for (let index = 0; index < scaled(8, 100); index++) {
    const hog = await RawClient.connect(url, { clientId: `hog-${index}`, ...persistent });
    await hog.subscribe('hog', 1);
    await hog.cut();
  }
  const refused = await publishAll(publisher, 'hog', 70, MB);
  expect(taken(refused)).toBeLessThan(70);
  // It acknowledges nothing for now, so that its messages wait.
  const healthy = await RawClient.connect(url, { clientId: 'healthy', properties: { receiveMaximum: 1 } });
  await healthy.subscribe('healthy', 1);
  const codes = await publishAll(publisher, 'healthy', 20, 10_000);
  expect(taken(codes)).toBe(20);
  for (let count = 0; count < 20; count++) await healthy.message();
  expect(await healthy.settle()).toEqual([]);
  expect((await counters()).slowConsumers).toBe(0);
});

test('messages in flight count: a client that reads and never acknowledges holds no more than its queue may', async () => {
  const { process, url } = await startBroker();
  const subscriber = await Attacker.connect(url, { clientId: 'reader' });
  const subscriptions = [{ filter: 't', qos: 1 as const }];
  await subscriber.read().send(bytesOf({ cmd: 'subscribe', packetId: 1, subscriptions, properties: undefined }));
  await wait(100);
  const publisher = await RawClient.connect(url, { clientId: 'publisher' });
  const before = await process.measure();
  const codes = await publishAll(publisher, 't', scaled(200, 800), MB);
  const after = await process.measure();
  expect(codes).toContain(0x97);
  expect(after.resident - before.resident).toBeLessThan(200 * MB);
});
