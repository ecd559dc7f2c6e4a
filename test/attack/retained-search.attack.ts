import { PublishPacket } from '../../src/packet/publish-packet.js';
import { RawClient } from '../support/raw-client.js';
import { Attacker, bytesOf } from './support/attacker.js';
import { brokerProcesses } from './support/broker-process.js';
import { scaled } from './support/form.js';
import { pairs } from './support/pair.js';

const startBroker = brokerProcesses();
const startPair = pairs();

test('many filters that match none of many retained messages hold up nothing', async () => {
  const { process, url } = await startBroker();
  const publisher = await RawClient.connect(url);
  const payload = Buffer.from('x');
  // In pieces, as the answer to the last of many is waited for no longer than to the first.
  for (let from = 0; from < scaled(20_000, 99_000); from += 1000) {
    const packets = Array.from({ length: 1000 }, (_, index) =>
      bytesOf(new PublishPacket(`a/${from + index}`, payload, 0, true, false, 0, undefined)),
    );
    publisher.send(Buffer.concat(packets));
    await publisher.settle();
  }
  const pair = await startPair(url);
  await pair.during(300);
  const quiet = await pair.during(500);
  const before = await process.measure();
  const attacker = (await Attacker.connect(url)).read();
  await pair.begin();
  for (let at = 0; at < scaled(500, 1000); at += 100) {
    const subscriptions = Array.from({ length: 100 }, (_, index) => ({ filter: `+/+/${at + index}`, qos: 0 as const }));
    await attacker.send(bytesOf({ cmd: 'subscribe', packetId: 1 + at, subscriptions, properties: undefined }));
  }
  await new Promise((resolve) => setTimeout(resolve, scaled(1500, 10_000)));
  const during = await pair.end();
  const after = await process.measure();
  expect(attacker.received).toBeGreaterThan(0);
  expect(after.longestBlock).toBeLessThan(Math.max(50, before.longestBlock) * 4);
  expect(during.median).toBeLessThan(quiet.median * 50);
});
