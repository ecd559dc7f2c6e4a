import { lastValueFrom, range, tap } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { connect, publishTo, type MqttClient } from '../../src/index.js';
import { FaultProxy, type Fault, type Pace } from '../support/fault-proxy.js';
import { granted, Tally, until } from '../support/numbered.js';

let broker: Broker;
let proxy: FaultProxy;
let url: string;
const clients: MqttClient[] = [];

beforeEach(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
  [url = ''] = await broker.listening;
  proxy = await FaultProxy.start(Number(new URL(url).port));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
  await proxy.close();
  await broker.close();
});

function client(address: string, clientId: string, protocolVersion: 4 | 5 = 5): MqttClient {
  const made = connect(address, {
    clientId,
    protocolVersion,
    clean: false,
    ...(protocolVersion === 5 ? { sessionExpiry: 600 } : {}),
    keepalive: 1,
    pingTimeout: 300,
    reconnect: { minDelay: 1, maxDelay: 5, jitter: 'none' },
  });
  clients.push(made);
  return made;
}

/** Sends numbered messages through the proxy one way or the other, and counts what arrives. */
async function exchange(qos: 1 | 2, harmed: 'publisher' | 'subscriber', messages: number): Promise<Tally> {
  const tally = new Tally();
  const subscriber = client(harmed === 'subscriber' ? proxy.url : url, 'subscriber');
  const publisher = client(harmed === 'publisher' ? proxy.url : url, 'publisher');
  subscriber.subscribe('numbers', { qos }).subscribe((message) => tally.count(message.text()));
  await granted(subscriber, 'numbers');
  const receipts = await lastValueFrom(
    range(0, messages).pipe(publishTo(publisher, (n) => ({ topic: 'numbers', payload: String(n), qos }))),
  );
  expect(receipts.qos).toBe(qos);
  await until(() => tally.counts.size === messages);
  // What would come twice comes before this.
  await lastValueFrom(publisher.publish('numbers', String(messages), { qos: 2 }));
  await until(() => tally.counts.has(messages));
  await publisher.end();
  await subscriber.end();
  return tally;
}

const MESSAGES = 30;

describe.each(['publisher', 'subscriber'] as const)('the line of the %s, cut', (harmed) => {
  describe.each([1, 2] as const)('at QoS %i', (qos) => {
    it.each([
      ['up', 'bytes'],
      ['down', 'bytes'],
      ['up', 'packets'],
      ['down', 'packets'],
    ] as const)(
      '%s, at every number of %s that a few messages take: nothing is lost',
      async (direction, unit) => {
        const step = unit === 'bytes' ? 7 : 1;
        const faults = Array.from({ length: 30 }, (_, index): Fault => {
          const how = index % 3 === 0 ? 'close' : 'reset';
          return { direction: direction, unit: unit, after: 1 + index * step, how };
        });
        proxy.plan(...faults);
        const tally = await exchange(qos, harmed, MESSAGES);
        const { lost, doubled } = tally.summary(MESSAGES + 1);
        expect({ lost, doubled: qos === 2 ? doubled : 0, outOfOrder: tally.outOfOrder }).toEqual({
          lost: 0,
          doubled: 0,
          outOfOrder: 0,
        });
        expect(proxy.struck).toBeGreaterThanOrEqual(3);
      },
      60_000,
    );
  });

  it('and frozen, without a word: it is noticed by the keep-alive, and nothing is lost', async () => {
    const freeze = (after: number): Fault => ({ direction: 'up', unit: 'packets', after, how: 'freeze' });
    proxy.plan(freeze(3), freeze(8));
    const tally = await exchange(2, harmed, MESSAGES);
    expect({ ...tally.summary(MESSAGES + 1), outOfOrder: tally.outOfOrder }).toEqual({
      lost: 0,
      doubled: 0,
      outOfOrder: 0,
    });
    expect(proxy.connections).toBeGreaterThan(1);
  }, 60_000);
});

describe('a line that is whole, but', () => {
  it.each<[string, Pace, number]>([
    ['hands on one byte at a time', { chunk: 1 }, 200],
    ['is slow', { rate: 20_000, chunk: 11 }, 200],
  ])(
    '%s, delivers everything once and in order',
    async (_, pace, messages) => {
      proxy.pace = pace;
      const tally = await exchange(2, 'publisher', messages);
      expect({ ...tally.summary(messages + 1), outOfOrder: tally.outOfOrder }).toEqual({
        lost: 0,
        doubled: 0,
        outOfOrder: 0,
      });
    },
    60_000,
  );
});

it('10 000 messages at QoS 1 and 10 000 at QoS 2 over a line that is reset again and again: none lost, none doubled at QoS 2', async () => {
  const messages = 10_000;
  const tallies = { 1: new Tally(), 2: new Tally() };
  const subscriber = client(url, 'subscriber');
  const publisher = client(proxy.url, 'publisher');
  for (const qos of [1, 2] as const) {
    subscriber.subscribe(`numbers/${qos}`, { qos }).subscribe((message) => tallies[qos].count(message.text()));
    await granted(subscriber, `numbers/${qos}`);
  }
  let settled = 0;
  const strikeNowAndThen = tap(() => {
    if (++settled % 800 === 0) proxy.strike('reset');
  });
  await Promise.all(
    ([1, 2] as const).map((qos) =>
      lastValueFrom(
        range(0, messages).pipe(
          publishTo(publisher, (n) => ({ topic: `numbers/${qos}`, payload: String(n), qos }), { concurrency: 200 }),
          strikeNowAndThen,
        ),
      ),
    ),
  );
  await until(() => tallies[1].counts.size === messages && tallies[2].counts.size === messages);
  expect(tallies[1].summary(messages).lost).toBe(0);
  expect(tallies[2].summary(messages)).toEqual({ lost: 0, doubled: 0 });
  expect(proxy.struck).toBeGreaterThan(15);
}, 120_000);
