import { delayWhen, filter, firstValueFrom, lastValueFrom, take, timeout, timer, toArray } from 'rxjs';
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

describe('RabbitMQ, which delivers what is published to "a/*" as "a/+"', () => {
  it('has that message acknowledged and told after three connections, and delivers what is behind it', async () => {
    const session: ClientOptions = { clientId: 'poisoned', clean: false, protocolVersion: 4 };
    const client = open('hall', session);
    const topics: string[] = [];
    const codes: string[] = [];
    let connections = 0;
    client.faults$.subscribe(({ code }) => codes.push(code));
    client.connected$.subscribe(() => connections++);
    client.subscribe('a/#', { qos: 1 }).subscribe(({ topic }) => topics.push(topic));
    await firstValueFrom(client.granted('a/#'));
    const other = open('hall', { protocolVersion: 4 });
    await lastValueFrom(other.publish('a/*', 'poison', { qos: 1 }));
    await lastValueFrom(other.publish('a/good', '', { qos: 1 }));
    const isTold$ = timer(0, 50).pipe(filter(() => codes.length > 0 && topics.includes('a/good')));
    await firstValueFrom(isTold$.pipe(timeout(20_000)));
    expect(codes).toEqual(['PROTOCOL']);
    expect(topics).not.toContain('a/+');
    expect(connections).toBe(4);
    // The session is clean of it: the next connection lasts.
    const again$ = client.reconnect().pipe(delayWhen(() => client.ping()));
    await firstValueFrom(again$.pipe(timeout(10_000)));
    expect([codes.length, client.state.status]).toEqual([1, 'connected']);
  });
});
