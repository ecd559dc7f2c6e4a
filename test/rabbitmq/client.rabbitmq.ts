import { filter, firstValueFrom, lastValueFrom, take, timeout, toArray } from 'rxjs';
import { connect, SubscribeError, type ClientOptions, type MqttClient } from '../../src/index.js';
import { PASSWORD, RealRabbitMq } from './real-rabbitmq.js';

let rabbit: RealRabbitMq;
const clients: MqttClient[] = [];

beforeAll(async () => {
  rabbit = await RealRabbitMq.start();
}, 90_000);
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});
afterAll(() => rabbit.stop(), 60_000);

function open(username: string, options: ClientOptions = {}): MqttClient {
  const reconnect = { minDelay: 20, maxDelay: 200, jitter: 'none' } as const;
  const client = connect(rabbit.url, { username, password: PASSWORD, log: false, reconnect, ...options });
  clients.push(client);
  return client;
}

describe('RabbitMQ 3.10, which hangs up on MQTT 5', () => {
  it('is spoken to in 3.1.1 from the second attempt on', async () => {
    const told: string[] = [];
    const client = open('hall', { log: { warn: (text) => told.push(text) } });
    const { negotiated } = await firstValueFrom(client.connected$);
    expect(negotiated.protocolVersion).toBe(4);
    expect(told.some((text) => text.includes('MQTT 3.1.1'))).toBe(true);
    const received = lastValueFrom(client.subscribe('hall/+', { qos: 1 }).pipe(take(2), toArray()));
    await firstValueFrom(client.subscriptions$.pipe(filter((all) => all.get('hall/+')?.status === 'active')));
    // It acknowledges QoS 2 as if it were QoS 1.
    for (const qos of [0, 1] as const) await lastValueFrom(client.publish(`hall/${qos}`, 'hello', { qos }));
    expect((await received).map(({ topic }) => topic)).toEqual(['hall/0', 'hall/1']);
  });

  it('refuses a wrong password in 3.1.1, which ends the client', async () => {
    const client = open('hall', { password: 'wrong' });
    const failed = lastValueFrom(client.connected$.pipe(timeout(10_000)));
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION_REFUSED', reasonCode: 4 });
  });
});

describe('RabbitMQ, which hangs up on a filter that it does not allow', () => {
  it('has that filter found and told as a refusal, while the others and the publishes go on', async () => {
    const client = open('guest-7');
    const received: string[] = [];
    for (const name of ['one', 'two']) {
      client.subscribe(`allowed/${name}`, { qos: 1 }).subscribe(({ topic }) => received.push(topic));
    }
    const sent = lastValueFrom(client.publish('allowed/early', '', { qos: 1 }));
    const error: unknown = await lastValueFrom(client.subscribe('forbidden/#').pipe(timeout(20_000))).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(SubscribeError);
    expect(error).toMatchObject({ filter: 'forbidden/#', code: 'SUBSCRIBE_REFUSED' });
    await sent;
    const all$ = client.subscriptions$.pipe(filter((all) => all.get('allowed/two')?.status === 'active'));
    const all = await firstValueFrom(all$.pipe(timeout(5000)));
    expect([...all].map(([name, { status }]) => `${name} ${status}`).sort()).toEqual([
      'allowed/one active',
      'allowed/two active',
      'forbidden/# denied',
    ]);
    for (const name of ['one', 'two']) await lastValueFrom(client.publish(`allowed/${name}`, '', { qos: 1 }));
    expect(received.sort()).toEqual(['allowed/one', 'allowed/two']);
  });
});
