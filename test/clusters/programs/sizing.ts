/** A process that opens many connections, and then sends messages from one to another; prints what that takes. */
import { bufferCount, firstValueFrom, lastValueFrom, range, take } from 'rxjs';
import { connect, publishTo, type ClientOptions } from '../../../src/index.js';
import type { Sizing } from '../sizing.js';

const { url, options, connections, messages } = JSON.parse(process.argv[2] ?? '') as {
  readonly url: string;
  readonly options: ClientOptions;
  readonly connections: number;
  readonly messages: number;
};

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

const open = async (name: string) => {
  const client = connect(url, { ...options, clientId: `${name}-${process.pid}`, log: false });
  await firstValueFrom(client.connected$);
  return client;
};

const publisher = await open('publisher');
const subscriber = await open('subscriber');
const before = memory();
for (let number = 0; number < connections; number += 50) {
  await Promise.all(Array.from({ length: 50 }, (_, at) => open(`idle-${number + at}`)));
}
const after = memory();

const topic = `sizing/${process.pid}`;
const payload = 'x'.repeat(100);
const received = lastValueFrom(subscriber.subscribe(topic, { qos: 1 }).pipe(take(messages)));
await firstValueFrom(subscriber.granted(topic));
const begun = performance.now();
await lastValueFrom(
  range(messages).pipe(
    publishTo(publisher, () => ({ topic, payload, qos: 1 }), { concurrency: 100 }),
    bufferCount(messages),
  ),
);
await received;
const seconds = (performance.now() - begun) / 1000;
const sizing: Sizing = {
  perSecond: messages / seconds,
  connection: (after - before) / connections,
  process: process.memoryUsage().rss,
};
process.stdout.write(`${JSON.stringify(sizing)}\n`, () => process.exit(0));
