import { setTimeout as wait } from 'node:timers/promises';
import { Attacker, bytesOf } from './support/attacker.js';
import { brokerProcesses } from './support/broker-process.js';
import { scaled } from './support/form.js';
import { pairs } from './support/pair.js';

const startBroker = brokerProcesses();
const startPair = pairs();

/** Subscribes, never reads, and comes again every 0.65 s. */
async function jam(url: string, number: number, until: number): Promise<void> {
  await wait(160 * number);
  while (performance.now() < until) {
    const attacker = await Attacker.connect(url, { clientId: `jam-${number}` });
    const subscriptions = [{ filter: 'pair/topic', qos: 0 as const }];
    await attacker.send(bytesOf({ cmd: 'subscribe', packetId: 1, subscriptions, properties: undefined }));
    await wait(650);
    attacker.destroy();
  }
}

test.each([1, 4])('subscribers that never read and come again cost publishers little: %i', async (count) => {
  const { url } = await startBroker();
  const pair = await startPair(url, { qos: 0, payload: 1000, inFlight: 300 });
  await pair.during(1000);
  const quiet = await pair.during(scaled(1500, 5000));
  const until = performance.now() + scaled(5000, 20_000);
  const jams = Array.from({ length: count }, (_, index) => jam(url, index, until));
  // What they may cost at first is spent by then.
  await wait(1500);
  const during = await pair.during(scaled(3000, 15_000));
  await Promise.all(jams);
  expect(during.rate).toBeGreaterThan(quiet.rate / 5);
});
