import type { ClientName, Conditions, Growth, Metric, Workload } from './workload.js';

const RATE: Metric = { name: 'rate', unit: 'msg/s', better: 'higher' };
const CPU: Metric = { name: 'cpu', unit: 'µs/msg', better: 'lower' };

const MESSAGES = { rxmqtt: 2_000_000, mqttjs: 200_000, raw: 4_000_000, packets: 4_000_000, libmosquitto: 200_000 };
const SLOW = { rxmqtt: 1_000_000, mqttjs: 50_000, raw: 1_000_000, packets: 1_000_000, libmosquitto: 50_000 };

const TCP: Conditions = {
  scenario: 'publish',
  transport: 'tcp',
  version: 4,
  qos: 0,
  payload: 64,
  inFlight: 1000,
  filters: 0,
};

const RECEIVE = { scenario: 'receive', filters: 1 } as const;

/** Messages per second, against MQTT.js and other clients that can do the same. */
function throughput(
  name: string,
  conditions: Partial<Conditions>,
  factor: number,
  more: Partial<Pick<Workload, 'clients' | 'messages' | 'targets'>> = {},
): Workload {
  const all = { ...TCP, ...conditions };
  return {
    ...all,
    name,
    peer: 'fast',
    clients: more.clients ?? ['rxmqtt', 'mqttjs'],
    messages: more.messages ?? (all.qos === 0 ? MESSAGES : SLOW),
    metrics: [RATE, CPU],
    targets: [{ metric: 'rate', against: 'mqttjs', factor }, ...(more.targets ?? [])],
  };
}

const EVERYBODY: readonly ClientName[] = ['rxmqtt', 'mqttjs', 'libmosquitto'];
const WITH_FLOOR: readonly ClientName[] = ['rxmqtt', 'mqttjs', 'raw', 'packets', 'libmosquitto'];

const route = (filters: number, growth?: Growth, reordered = false): Workload => ({
  ...TCP,
  scenario: 'route',
  filters,
  reordered,
  name: `route-${filters}${reordered ? '-reordered' : ''}`,
  peer: 'fast',
  clients: ['rxmqtt'],
  messages: { rxmqtt: 2_000_000 },
  metrics: [{ name: 'cost', unit: 'ns/msg', better: 'lower' }, RATE],
  targets: [],
  ...(growth === undefined ? {} : { growth }),
});

/** Every measurement there is, in the order of the table. A new one is one more entry. */
export const workloads: readonly Workload[] = [
  throughput('publish-qos0', {}, 12, { clients: WITH_FLOOR }),
  throughput('publish-qos1', { qos: 1 }, 12, { clients: EVERYBODY }),
  throughput('publish-qos2', { qos: 2 }, 12, { clients: EVERYBODY }),
  throughput('publish-to-qos0', { scenario: 'publish-to' }, 10),
  throughput('publish-to-qos1', { scenario: 'publish-to', qos: 1 }, 10),
  throughput('publish-to-qos2', { scenario: 'publish-to', qos: 2 }, 10),
  throughput('receive-qos0', { ...RECEIVE }, 6, { clients: WITH_FLOOR }),
  throughput('receive-qos1', { ...RECEIVE, qos: 1 }, 11, { clients: EVERYBODY }),
  throughput('receive-qos2', { ...RECEIVE, qos: 2 }, 14, { clients: EVERYBODY }),
  throughput('v5-receive-qos0', { ...RECEIVE, version: 5 }, 6),
  throughput('v5-publish-qos1', { version: 5, qos: 1 }, 12),
  throughput('publish-16k', { payload: 16_384 }, 0.95, {
    clients: ['rxmqtt', 'mqttjs', 'raw'],
    messages: { rxmqtt: 80_000, mqttjs: 80_000, raw: 80_000 },
  }),
  throughput('ws-publish-qos0', { transport: 'ws' }, 20, { messages: { rxmqtt: 1_000_000, mqttjs: 40_000 } }),
  throughput('ws-publish-qos1', { transport: 'ws', qos: 1 }, 20, { messages: { rxmqtt: 600_000, mqttjs: 30_000 } }),
  throughput('ws-receive-qos0', { ...RECEIVE, transport: 'ws' }, 4, {
    messages: { rxmqtt: 300_000, mqttjs: 100_000 },
  }),
  route(10),
  route(10_000, { metric: 'cost', from: 'route-10', factor: 2 }),
  route(100_000, { metric: 'cost', from: 'route-10', factor: 8 }),
  route(100_000, { metric: 'cost', from: 'route-10', factor: 8 }, true),
  {
    ...TCP,
    scenario: 'latency',
    qos: 1,
    inFlight: 1,
    filters: 1,
    name: 'latency-qos1',
    peer: 'mosquitto',
    clients: ['rxmqtt', 'mqttjs'],
    messages: { rxmqtt: 8000, mqttjs: 8000 },
    metrics: [
      { name: 'p50', unit: 'µs', better: 'lower' },
      { name: 'p99', unit: 'µs', better: 'lower' },
    ],
    targets: [
      { metric: 'p50', against: 'mqttjs', factor: 1 },
      { metric: 'p99', against: 'mqttjs', factor: 1 },
    ],
  },
  {
    ...TCP,
    scenario: 'idle',
    inFlight: 0,
    payload: 0,
    name: 'memory-idle',
    peer: 'fast',
    clients: ['rxmqtt', 'mqttjs'],
    messages: { rxmqtt: 200, mqttjs: 200 },
    metrics: [
      { name: 'memory', unit: 'B/client', better: 'lower' },
      { name: 'rss', unit: 'MiB', better: 'lower' },
    ],
    targets: [
      { metric: 'memory', against: 'mqttjs', factor: 1 },
      { metric: 'rss', against: 'mqttjs', factor: 1 },
    ],
  },
  {
    ...TCP,
    scenario: 'subscriptions',
    inFlight: 0,
    payload: 0,
    filters: 100_000,
    name: 'memory-100000-subscriptions',
    peer: 'fast',
    clients: ['rxmqtt', 'mqttjs'],
    messages: { rxmqtt: 0, mqttjs: 0 },
    metrics: [
      { name: 'memory', unit: 'B/filter', better: 'lower' },
      { name: 'rss', unit: 'MiB', better: 'lower' },
    ],
    targets: [],
  },
  {
    ...TCP,
    scenario: 'heap',
    filters: 1,
    name: 'heap-1000000-messages',
    peer: 'fast',
    clients: ['rxmqtt', 'mqttjs'],
    messages: { rxmqtt: 1_000_000, mqttjs: 1_000_000 },
    metrics: [{ name: 'growth', unit: 'KiB', better: 'lower' }],
    targets: [],
  },
];
