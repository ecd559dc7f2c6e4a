/** MQTT.js, as an application uses it. */
import mqtt, { type MqttClient } from 'mqtt';
import type { Job } from '../workload.js';
import { Arrivals, keepInFlight, memoryInUse, percentiles, readJob, report, rssInMiB, stopwatch } from './measure.js';
import { filtersOf, TOPIC } from './topics.js';

const job = readJob();
const payload = Buffer.alloc(job.payload, 0x78);
const { qos } = job;

function dial(): MqttClient {
  const client = mqtt.connect(job.url, { protocolVersion: job.version });
  // It adds a listener a publish while its socket is full.
  client.setMaxListeners(0);
  return client;
}

function connected(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    if (client.connected) resolve();
    else client.once('connect', () => resolve());
  });
}

function publishOne(client: MqttClient, level: 0 | 1 | 2, done: () => void): void {
  client.publish(TOPIC, payload, { qos: level }, (error) => {
    if (error) throw error;
    done();
  });
}

async function publish(client: MqttClient): Promise<void> {
  client.stream.setMaxListeners(0);
  const run = async (count: number): Promise<void> => {
    await keepInFlight(count, job.inFlight, (done) => publishOne(client, qos, done));
    await new Promise<void>((resolve) => publishOne(client, 1, resolve));
  };
  await run(job.warmup);
  const read = stopwatch();
  await run(job.messages);
  report(read(job.messages));
}

function receive(client: MqttClient): void {
  const arrivals = new Arrivals(job, report);
  client.on('message', () => arrivals.count());
  client.subscribe(filtersOf(job), { qos });
}

async function latency(client: MqttClient): Promise<void> {
  const samples: number[] = [];
  const topic = `${TOPIC}/${process.pid}`;
  let sent = 0n;
  const ping = (): void => {
    sent = process.hrtime.bigint();
    client.publish(topic, payload, { qos });
  };
  let left = job.warmup + job.messages;
  client.on('message', () => {
    if (left <= job.messages) samples.push(Number(process.hrtime.bigint() - sent));
    if (left-- === 0) report(percentiles(samples));
    else ping();
  });
  await client.subscribeAsync(topic, { qos });
  ping();
}

async function idle(): Promise<void> {
  const clients: MqttClient[] = [];
  const before = memoryInUse();
  for (let index = 0; index < job.messages; index++) clients.push(dial());
  for (const client of clients) await connected(client);
  report({ memory: (memoryInUse() - before) / clients.length, rss: rssInMiB() });
}

/** One handler for each filter, as a table that the one `message` listener would look into. */
async function subscriptions(client: MqttClient): Promise<void> {
  const filters = filtersOf(job);
  const before = memoryInUse();
  let seen = 0;
  const handlers = new Map<string, () => void>();
  for (const topicFilter of filters) handlers.set(topicFilter, () => seen++);
  client.on('message', (topic) => handlers.get(topic)?.());
  await client.subscribeAsync(filters, { qos });
  report({ memory: (memoryInUse() - before) / filters.length, rss: rssInMiB() });
}

function heap(client: MqttClient): void {
  let seen = 0;
  let before = 0;
  client.on('message', () => {
    seen++;
    if (seen === job.warmup) before = memoryInUse();
    if (seen === job.warmup + job.messages) report({ growth: (memoryInUse() - before) / 1024 });
  });
  client.subscribe(TOPIC, { qos });
}

async function run({ scenario }: Job): Promise<void> {
  if (scenario === 'idle') return idle();
  const client = dial();
  await connected(client);
  switch (scenario) {
    // It has no stream operator: publishTo is measured against the same loop.
    case 'publish-to':
    case 'publish':
      return publish(client);
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
