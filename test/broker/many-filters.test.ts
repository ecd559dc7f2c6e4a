import { filter, firstValueFrom } from 'rxjs';
import { connect, type ClientOptions, type MqttClient, type SubscribeError } from '../../src/index.js';
import { createBroker, type Broker, type BrokerLimits } from '../../src/broker/index.js';

const FILTERS = Array.from({ length: 2500 }, (_, index) => `hall/${index}/celsius`);

let broker: Broker;
let client: MqttClient;
afterEach(async () => {
  await client.end({ force: true });
  await broker.close();
});

async function begin(limits: Partial<BrokerLimits> = {}, options: Partial<ClientOptions> = {}): Promise<void> {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], sysInterval: 0, limits });
  const [url = ''] = await broker.listening;
  client = connect({ url, clientId: 'many', reconnect: { minDelay: 1, maxDelay: 10 }, ...options });
}

/** Waits until the session has so many subscriptions. */
const hasSubscriptions = (count: number): Promise<unknown> =>
  firstValueFrom(
    broker.sessions$.pipe(filter((sessions) => (sessions.get('many')?.subscriptions.length ?? 0) === count)),
  );

describe('a client with more filters than one SUBSCRIBE may have', () => {
  test.each([5, 4] as const)(
    'has all of them on version %i, and again after a lost session',
    async (protocolVersion) => {
      await begin({}, { protocolVersion });
      const got: string[] = [];
      const subscription = client.subscribe(FILTERS).subscribe(({ topic }) => got.push(topic));
      await firstValueFrom(client.granted(FILTERS));
      await hasSubscriptions(FILTERS.length);
      const again = firstValueFrom(broker.connected$);
      broker.dropConnections('many');
      await again;
      await hasSubscriptions(FILTERS.length);
      for (const topic of [FILTERS[0], FILTERS[1700]]) broker.publish({ topic: topic ?? '', payload: '' });
      await firstValueFrom(client.publish('behind', '', { qos: 1 }));
      expect(got).toEqual([FILTERS[0], FILTERS[1700]]);
      subscription.unsubscribe();
      await hasSubscriptions(0);
    },
  );

  test('has as many as a session may, and a SubscribeError of 0x97 for each of the others', async () => {
    await begin({ subscriptions: 2000 });
    const refused: number[] = [];
    for (const one of FILTERS) {
      client.subscribe(one).subscribe({ error: ({ reasonCode }: SubscribeError) => refused.push(reasonCode ?? 0) });
    }
    await firstValueFrom(client.granted(FILTERS[1999] ?? ''));
    await firstValueFrom(client.publish('behind', '', { qos: 1 }));
    await hasSubscriptions(2000);
    expect(refused).toEqual(Array<number>(500).fill(0x97));
  });
});
