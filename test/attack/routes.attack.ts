import type { Packet } from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { Attacker, bytesOf } from './support/attacker.js';
import { brokerProcesses } from './support/broker-process.js';
import { scaled } from './support/form.js';
import { pairs } from './support/pair.js';

const MB = 1024 * 1024;
const startBroker = brokerProcesses();
const startPair = pairs();

const nothing = new Uint8Array(0);

/** SUBSCRIBE packets for all of these filters. */
function subscribes(filters: readonly string[], atATime = 128): Uint8Array {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < filters.length; at += atATime) {
    const subscriptions = filters.slice(at, at + atATime).map((filter) => ({ filter, qos: 0 as const }));
    const packet: Packet = { cmd: 'subscribe', packetId: 1 + packets.length, subscriptions, properties: undefined };
    packets.push(bytesOf(packet));
  }
  return Buffer.concat(packets);
}

/** Empty messages to so many topics. */
function publishes(count: number, topicOf: (index: number) => string): Uint8Array {
  return Buffer.concat(
    Array.from({ length: count }, (_, index) =>
      bytesOf(new PublishPacket(topicOf(index), nothing, 0, false, false, 0, undefined)),
    ),
  );
}

/** Every filter of so many levels that matches `a/a/.../a/` and one more level. */
function filtersOf(levels: number): string[] {
  return Array.from({ length: 2 ** levels }, (_, bits) =>
    [...Array.from({ length: levels }, (__, level) => ((bits >> level) & 1 ? 'a' : '+')), '#'].join('/'),
  );
}

test('many topics that many filters of few clients match take little memory', async () => {
  const { process, url, counters } = await startBroker();
  const subscribers = await Promise.all([0, 1, 2, 3].map(() => Attacker.connect(url)));
  for (const subscriber of subscribers) await subscriber.read().send(subscribes(filtersOf(13)));
  const pair = await startPair(url);
  await pair.during(300);
  const quiet = await pair.during(500);
  const subscribed = await process.measure();
  // Each takes some milliseconds here, and twice as long in Mosquitto: 32 768 subscriptions match it.
  const topics = scaled(600, 4000);
  const publisher = (await Attacker.connect(url)).read();
  const prefix = 'a/'.repeat(13);
  await pair.begin();
  await publisher.send(publishes(topics, (index) => `${prefix}${index}`));
  while ((await counters()).delivered < 4 * topics) await new Promise((resolve) => setTimeout(resolve, 20));
  const during = await pair.end();
  const after = await process.measure();
  expect(after.peak - subscribed.resident).toBeLessThan(150 * MB);
  expect(during.median).toBeLessThan(quiet.median * 400);
  expect(after.longestBlock).toBeLessThan(Math.max(50, subscribed.longestBlock) * 8);
});

test('many topics that many clients subscribe to take little memory', async () => {
  const { process, url, counters } = await startBroker();
  const clients = scaled(200, 500);
  const topics = scaled(5000, 16_000);
  const subscribers = await Promise.all(Array.from({ length: clients }, () => Attacker.connect(url)));
  for (const subscriber of subscribers) await subscriber.read().send(subscribes(['#']));
  const publisher = (await Attacker.connect(url)).read();
  await publisher.send(publishes(1000, () => 'warm'));
  while ((await counters()).delivered < 1000 * clients) await new Promise((resolve) => setTimeout(resolve, 20));
  const before = await process.measure();
  await publisher.send(publishes(topics, (index) => `topic/${index}`));
  while ((await counters()).delivered < (1000 + topics) * clients) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const after = await process.measure();
  expect(after.live - before.live).toBeLessThan(10 * MB);
});
