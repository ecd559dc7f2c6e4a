/** rxmqtt, as an application uses it. */
import { filter, firstValueFrom, from, lastValueFrom } from 'rxjs';
import type * as Rxmqtt from '../../src/index.js';
import type { Publishable } from '../../src/operators/publish-to.js';
import type { Job } from '../workload.js';
import { Arrivals, keepInFlight, memoryInUse, percentiles, readJob, report, rssInMiB, stopwatch } from './measure.js';
import { filtersOf, TOPIC } from './topics.js';

const library = (await import(process.argv[3] as string)) as typeof Rxmqtt;
const job = readJob();
const payload = Buffer.alloc(job.payload, 0x78);
const { qos } = job;

type Client = ReturnType<typeof library.connect>;

function dial(): Client {
  return library.connect(job.url, { protocolVersion: job.version });
}

async function connected(client: Client): Promise<void> {
  await firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'connected')));
}

async function publish(client: Client): Promise<void> {
  const run = async (count: number): Promise<void> => {
    await keepInFlight(count, job.inFlight, (done) =>
      client.publish(TOPIC, payload, { qos }).subscribe({ complete: done }),
    );
    // The peer has everything once it has acknowledged what came last.
    await lastValueFrom(client.publish(TOPIC, payload, { qos: 1 }));
  };
  await run(job.warmup);
  const read = stopwatch();
  await run(job.messages);
  report(read(job.messages));
}

async function publishTo(client: Client): Promise<void> {
  const run = async (messages: readonly Publishable[]): Promise<void> => {
    await lastValueFrom(from(messages).pipe(library.publishTo(client, undefined, { concurrency: job.inFlight })));
    await lastValueFrom(client.publish(TOPIC, payload, { qos: 1 }));
  };
  const make = (length: number): Publishable[] => Array.from({ length }, () => ({ topic: TOPIC, payload, qos }));
  await run(make(job.warmup));
  const messages = make(job.messages);
  const read = stopwatch();
  await run(messages);
  report(read(job.messages));
}

function receive(client: Client): void {
  const arrivals = new Arrivals(job, report);
  for (const topicFilter of filtersOf(job)) client.subscribe(topicFilter, { qos }).subscribe(() => arrivals.count());
}

async function latency(client: Client): Promise<void> {
  const samples: number[] = [];
  const topic = `${TOPIC}/${process.pid}`;
  let sent = 0n;
  const ping = (): void => {
    sent = process.hrtime.bigint();
    client.publish(topic, payload, { qos }).subscribe();
  };
  let left = job.warmup + job.messages;
  client.subscribe(topic, { qos }).subscribe(() => {
    if (left <= job.messages) samples.push(Number(process.hrtime.bigint() - sent));
    if (left-- === 0) report(percentiles(samples));
    else ping();
  });
  await firstValueFrom(client.subscriptions$.pipe(filter((all) => all.get(topic)?.status === 'active')));
  ping();
}

async function idle(): Promise<void> {
  const clients: Client[] = [];
  const before = memoryInUse();
  for (let index = 0; index < job.messages; index++) clients.push(dial());
  for (const client of clients) await connected(client);
  report({ memory: (memoryInUse() - before) / clients.length, rss: rssInMiB() });
}

async function subscriptions(client: Client): Promise<void> {
  const filters = filtersOf(job);
  const before = memoryInUse();
  let seen = 0;
  for (const topicFilter of filters) client.subscribe(topicFilter, { qos }).subscribe(() => seen++);
  await firstValueFrom(client.packets$.pipe(filter(({ packet }) => packet.cmd === 'suback')));
  await new Promise(setImmediate);
  report({ memory: (memoryInUse() - before) / filters.length, rss: rssInMiB() });
}

function heap(client: Client): void {
  let seen = 0;
  let before = 0;
  client.subscribe(TOPIC, { qos }).subscribe(() => {
    seen++;
    if (seen === job.warmup) before = memoryInUse();
    if (seen === job.warmup + job.messages) report({ growth: (memoryInUse() - before) / 1024 });
  });
}

async function run({ scenario }: Job): Promise<void> {
  if (scenario === 'idle') return idle();
  const client = dial();
  await connected(client);
  switch (scenario) {
    case 'publish':
      return publish(client);
    case 'publish-to':
      return publishTo(client);
    case 'receive':
    case 'route':
      return receive(client);
    case 'latency':
      return latency(client);
    case 'subscriptions':
      return subscriptions(client);
    case 'heap':
      return heap(client);
  }
}

await run(job);
