import { filter, firstValueFrom, forkJoin, lastValueFrom, map, range, scan, take, takeWhile, tap, toArray } from 'rxjs';
import { type ClientOptions, connect, type MqttClient, publishTo } from '../../src/index.js';
import { untilActive } from '../support/delivery-suite.js';
import { startRelay } from '../support/relay.js';
import { startMosquitto, type Mosquitto } from './mosquitto.js';

let mosquitto: Mosquitto;
let url: string;
const clients: MqttClient[] = [];

beforeAll(async () => {
  mosquitto = await startMosquitto();
  url = mosquitto.url('tcp');
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
});
afterAll(() => mosquitto.stop());

const open = (to: string, options: Omit<ClientOptions, 'url'> = {}): MqttClient => {
  const client = connect(to, options);
  clients.push(client);
  return client;
};

const untilConnected = (client: MqttClient) =>
  firstValueFrom(
    client.state$.pipe(
      filter((state) => state.status === 'connected'),
      take(1),
    ),
  );

it("speaks MQTT 5 when protocolVersion is left at 'auto'", async () => {
  const { negotiated } = await untilConnected(open(url));
  expect(negotiated).toMatchObject({ protocolVersion: 5, receiveMaximum: 20, subscriptionIdentifiersAvailable: true });
});

describe.each([4, 5] as const)('with protocol version %i', (protocolVersion) => {
  const name = protocolVersion === 5 ? 'mqttv5' : 'mqttv311';

  it.each([0, 1, 2] as const)('takes at QoS %i what mosquitto_pub sends', async (qos) => {
    const client = open(url, { protocolVersion });
    const topic = `counterpart/pub/${protocolVersion}/${qos}`;
    const received = firstValueFrom(client.subscribe(topic, { qos }));
    await untilActive(client, topic);
    mosquitto.pub('-V', name, '-q', String(qos), '-t', topic, '-m', 'from the other side');
    expect(await received).toMatchObject({ topic, qos, retain: false });
    expect((await received).text()).toBe('from the other side');
  });

  it.each([0, 1, 2] as const)('sends at QoS %i what mosquitto_sub prints', async (qos) => {
    const client = open(url, { protocolVersion });
    const topic = `counterpart/sub/${protocolVersion}/${qos}`;
    // Retained, so that it does not matter who is faster.
    await lastValueFrom(client.publish(topic, 'zwanzig °C', { qos, retain: true }));
    await client.end();
    const printed = await mosquitto.sub('-V', name, '-q', String(qos), '-C', '1', '-t', topic, '-F', '%t %q %r %p');
    expect(printed).toEqual([`${topic} ${qos} 1 zwanzig °C`]);
  });

  it('gives the retained message to a late second observer of a filter too, and to each of them once', async () => {
    const client = open(url, { protocolVersion });
    const topic = `retained/${protocolVersion}/state`;
    await lastValueFrom(client.publish(topic, 'kept', { qos: 1, retain: true }));
    const topicFilter = `retained/${protocolVersion}/#`;
    const state$ = client.subscribe(topicFilter, { qos: 1 }).pipe(
      map((message) => message.text()),
      takeWhile((text) => text !== 'end', true),
      toArray(),
    );
    const first = lastValueFrom(state$);
    await untilActive(client, topicFilter);
    await lastValueFrom(client.publish(topic, 'changed', { qos: 1 }));
    const second = lastValueFrom(state$);
    await untilActive(client, topicFilter);
    await lastValueFrom(client.publish(topic, 'end', { qos: 1 }));

    expect(await first).toEqual(['kept', 'changed', 'end']);
    expect(await second).toEqual(['kept', 'end']);
  });

  it('has its will published when the line is cut, and not when it ends in order', async () => {
    const relay = await startRelay(mosquitto.ports.tcp);
    try {
      const watcher = open(url, { protocolVersion });
      const filterOfWills = `will/${protocolVersion}/+`;
      const wills = firstValueFrom(watcher.subscribe(filterOfWills, { qos: 1 }));
      await untilActive(watcher, filterOfWills);
      const withWill = (id: string): MqttClient =>
        open(`mqtt://127.0.0.1:${relay.port}`, {
          protocolVersion,
          reconnect: false,
          will: { topic: `will/${protocolVersion}/${id}`, payload: 'gone', qos: 1 },
        });
      const polite = withWill('polite');
      const cut = withWill('cut');
      await Promise.all([untilConnected(polite), untilConnected(cut)]);
      await polite.end();
      relay.cut();
      const will = await wills;
      expect([will.topic, will.text(), will.qos]).toEqual([`will/${protocolVersion}/cut`, 'gone', 1]);
    } finally {
      relay.close();
    }
  });

  it.each([1, 2] as const)(
    'resumes a session with messages in flight at QoS %i after each of three cuts',
    async (qos) => {
      const relay = await startRelay(mosquitto.ports.tcp);
      try {
        const count = 600;
        const options = {
          protocolVersion,
          clean: false,
          sessionExpiry: 300,
          reconnect: { minDelay: 20, jitter: 'none' },
        } as const;
        const address = `mqtt://127.0.0.1:${relay.port}`;
        const id = `resume-${protocolVersion}-${qos}`;
        const subscriber = open(address, { ...options, clientId: `${id}-sub` });
        const publisher = open(address, { ...options, clientId: `${id}-pub` });
        const topic = `resume/${protocolVersion}/${qos}`;
        const arrivals: string[] = [];
        const all = lastValueFrom(
          subscriber.subscribe(topic, { qos }).pipe(
            tap((message) => arrivals.push(message.text())),
            scan((seen, message) => seen.add(message.text()), new Set<string>()),
            takeWhile((seen) => seen.size < count, true),
          ),
        );
        await untilActive(subscriber, topic);
        const resumed: boolean[] = [];
        publisher.state$.subscribe((state) => {
          if (state.status === 'connected') resumed.push(state.sessionPresent);
        });
        await untilConnected(publisher);
        const receipts = await lastValueFrom(
          range(0, count).pipe(
            publishTo(publisher, (n) => ({ topic, payload: String(n), qos }), { concurrency: 20 }),
            scan((settled) => settled + 1, 0),
            tap((settled) => {
              if (settled === 100 || settled === 250 || settled === 400) relay.cut();
            }),
          ),
        );
        const seen = await all;
        expect(receipts).toBe(count);
        expect(seen.size).toBe(count);
        expect(resumed).toEqual([false, true, true, true]);
        if (qos === 2) expect(arrivals).toEqual(Array.from({ length: count }, (_, n) => String(n)));
      } finally {
        relay.close();
      }
    },
  );
});

it('leaves the order of each topic as it was published', async () => {
  const client = open(url);
  const topics = ['order/a', 'order/b', 'order/c'];
  const received = forkJoin(
    topics.map((topic) =>
      client.subscribe(topic, { qos: 1 }).pipe(
        map((message) => Number(message.text())),
        take(200),
        toArray(),
      ),
    ),
  );
  const done = lastValueFrom(received);
  await lastValueFrom(
    range(0, 600).pipe(
      publishTo(client, (n) => ({ topic: topics[n % 3] ?? '', payload: String(Math.floor(n / 3)), qos: 1 })),
    ),
  );
  const ascending = Array.from({ length: 200 }, (_, n) => n);
  expect(await done).toEqual([ascending, ascending, ascending]);
});
