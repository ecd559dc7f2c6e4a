import { asyncScheduler, firstValueFrom } from 'rxjs';
import { mqttTest } from 'rxmqtt/testing';
import type { AuthenticateRequest, ClientPrincipal } from '../../src/broker/index.js';
import { connect as connectClient } from '../../src/index.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { connectPacket, textOf } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();
const lasting = { clean: false, properties: { sessionExpiryInterval: 60 } };

describe('username and clientId', () => {
  test('are who the client is: its session belongs to that user, in a store as well', async () => {
    const store = memoryStore();
    const authenticate = ({ username }: AuthenticateRequest): ClientPrincipal => ({
      username: `${username}@x`,
      clientId: 'c',
    });
    const before = await start({ store, authenticate });
    const client = await before.connect({ clientId: 'device', username: 'ann', ...lasting });
    expect(client.connack.properties?.assignedClientIdentifier).toBeUndefined();
    const known = await firstValueFrom(before.broker.clients$);
    expect([...known.values()]).toMatchObject([{ clientId: 'c', username: 'ann@x' }]);
    await client.disconnect();
    await before.broker.close();
    const [record] = await store.load('broker/2/s/c/m');
    expect(Buffer.from(record?.value ?? []).toString('latin1')).toContain('user:ann@x');
    const after = await start({ store, authenticate });
    const stranger = await after.open();
    stranger.send(connectPacket({ clientId: 'other', username: 'bob', ...lasting }));
    expect(await stranger.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x85 }]);
    expect((await after.connect({ clientId: 'other', username: 'ann', ...lasting })).connack.sessionPresent).toBe(true);
  });

  test('a client without an identifier is told of the one that it was given', async () => {
    const { connect } = await start({ authenticate: () => ({ clientId: 'hall-7' }) });
    expect((await connect({ clientId: '' })).connack.properties?.assignedClientIdentifier).toBe('hall-7');
  });
});

describe('maxQos', () => {
  const atMost = (maxQos: 0 | 1 | 2): { authenticate: () => ClientPrincipal; sysInterval: 0 } => ({
    authenticate: () => ({ maxQos }),
    sysInterval: 0,
  });

  test('[v5 MQTT-3.2.2-9] stands in CONNACK as Maximum QoS, and not where it is 2', async () => {
    for (const maxQos of [0, 1] as const) {
      const { connect } = await start(atMost(maxQos));
      expect((await connect()).connack.properties?.maximumQoS).toBe(maxQos);
    }
    const { connect } = await start(atMost(2));
    expect((await connect()).connack.properties).not.toHaveProperty('maximumQoS');
  });

  test('[v5 MQTT-3.2.2-11] a PUBLISH above it ends the connection with 0x9b, and is not delivered', async () => {
    const { connect, broker } = await start(atMost(1));
    const published: string[] = [];
    broker.published$.subscribe(({ message }) => published.push(message.topic));
    const client = await connect();
    expect(await client.publishAndWait('fits', '', { qos: 1 })).toBe(0x10);
    client.publish('above', '', { qos: 2 });
    expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x9b }]);
    expect(published).toEqual(['fits']);
  });

  test('a PUBLISH above it closes the connection of a 3.1.1 client, which cannot be told', async () => {
    const { connect } = await start(atMost(1));
    const client = await connect({ protocolVersion: 4, clientId: 'old' });
    client.publish('above', '', { qos: 2 });
    expect(await client.closed()).toEqual([]);
  });

  test.each([3, 4, 5] as const)(
    '[v5 MQTT-3.2.2-10] grants are lowered to it on version %i',
    async (protocolVersion) => {
      const { connect, broker } = await start(atMost(1));
      const client = await connect({ protocolVersion, clientId: 'c' });
      const subscriptions = [2, 1, 0].map((qos) => ({ filter: `at/${qos}`, qos: qos as 0 | 1 | 2 }));
      expect((await client.subscribe(subscriptions)).reasonCodes).toEqual([1, 1, 0]);
      broker.publish({ topic: 'at/2', qos: 2 });
      expect((await client.message()).qos).toBe(1);
    },
  );

  test.each([
    [5, 0x9b],
    [4, 5],
  ] as const)('[v5 MQTT-3.2.2-12] a will above it refuses the connection on version %i: %i', async (version, code) => {
    const { open } = await start(atMost(1));
    const client = await open(version);
    const will = { topic: 't', payload: Buffer.from(''), qos: 2, retain: false } as const;
    client.send(connectPacket({ protocolVersion: version, clientId: 'c', will }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: code }]);
  });

  test('holds for what was granted before it was lowered', async () => {
    let maxQos: 0 | 2 = 2;
    const { connect, broker } = await start({ authenticate: () => ({ maxQos }), sysInterval: 0 });
    const client = await connect({ clientId: 'c', ...lasting });
    await client.subscribe('t', 2);
    await client.disconnect();
    maxQos = 0;
    const again = await connect({ clientId: 'c', ...lasting });
    expect(again.connack.sessionPresent).toBe(true);
    broker.publish({ topic: 't', payload: 'x', qos: 2 });
    expect((await again.message()).qos).toBe(0);
  });

  test('our client learns of it and publishes nothing above', async () => {
    const { urls } = await start(atMost(0));
    const client = connectClient(urls[0] ?? '');
    await expect(firstValueFrom(client.publish('t', '', { qos: 1 }))).rejects.toMatchObject({ reasonCode: 0x9b });
    await client.end();
  });
});

describe('expiresAt', () => {
  test.each([
    ['a number', (at: number) => at],
    ['a Date', (at: number) => new Date(at)],
  ])('ends the connection with 0x87 at that time, given as %s', async (_kind, as) => {
    await mqttTest(
      async (t) => {
        const client = t.connect({ clientId: 'c', reconnect: false });
        const ends: unknown[] = [];
        t.broker.disconnected$.subscribe(({ how, reasonCode }) => ends.push([t.now, how, reasonCode]));
        await t.to('10m');
        expect(client.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x87 } });
        expect(ends).toEqual([[60_001, 'kicked', 0x87]]);
      },
      { broker: { authenticate: () => ({ expiresAt: as(asyncScheduler.now() + 60_000) }) } },
    );
  });

  test('the will of a client that has ended so is published, and its session stays', async () => {
    const { connect, broker } = await start({
      authenticate: ({ clientId }) => (clientId === 'c' ? { expiresAt: Date.now() + 100 } : true),
    });
    const watch = await connect({ clientId: 'watch' });
    await watch.subscribe('gone', 0);
    const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 0, retain: false } as const;
    const client = await connect({ clientId: 'c', ...lasting, will });
    expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x87 }]);
    expect(textOf(await watch.message())).toBe('bye');
    expect((await connect({ clientId: 'c', ...lasting })).connack.sessionPresent).toBe(true);
    broker.endSession('c');
  });

  test('one that is over refuses the connection', async () => {
    const { open } = await start({ authenticate: () => ({ expiresAt: Date.now() - 1 }) });
    const client = await open();
    client.send(connectPacket({ clientId: 'c' }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x87 }]);
  });

  test.each([
    ['renews it', 600_000, 'connected'],
    ['keeps it when it says nothing of it', undefined, 'ended'],
  ])('re-authentication %s', async (_what, renewed, status) => {
    const now = (): number => asyncScheduler.now();
    await mqttTest(
      async (t) => {
        const auth = { method: 'X', start: () => new Uint8Array(1) };
        const client = t.connect({ clientId: 'c', auth, reconnect: false });
        await t.to('30s');
        client.reauthenticate().subscribe();
        await t.to('70s');
        expect(client.state.status).toBe(status);
      },
      {
        broker: {
          enhancedAuthentication: {
            X: ({ again }) => ({
              status: 'success',
              username: 'ann',
              expiresAt: again ? renewed && now() + renewed : now() + 60_000,
            }),
          },
        },
      },
    );
  });

  test.each([{ mountPoint: 'b' }, { maxQos: 1 as const }, { clientId: 'd' }, { username: 'bob' }])(
    're-authentication as another principal ends the connection: %j',
    async (other) => {
      const first = { mountPoint: 'a', maxQos: 2 as const, clientId: 'c', username: 'ann' };
      const { connect } = await start({
        enhancedAuthentication: { X: ({ again }) => ({ status: 'success', ...first, ...(again ? other : {}) }) },
      });
      const properties = { authenticationMethod: 'X' };
      const client = await connect({ clientId: 'c', properties });
      client.send({ cmd: 'auth', reasonCode: 0x19, properties });
      expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x87 }]);
    },
  );
});

describe('an answer that is no principal', () => {
  test.each([
    {},
    { username: undefined },
    { mountpoint: 'a' },
    { username: 7 },
    { clientId: '' },
    { maxQos: 3 },
    { expiresAt: 'tomorrow' },
    { expiresAt: new Date('never') },
    ['ann'],
    new Date(),
  ])('lets no one in: %j', async (answer) => {
    const { open, broker } = await start({ authenticate: () => answer as ClientPrincipal });
    const client = await open();
    client.send(connectPacket({ clientId: 'c' }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x88 }]);
    expect(broker.counters.failedHooks).toBe(1);
  });
});

describe('what authenticate sees', () => {
  test('of a WebSocket: origin, path and headers of the upgrade', async () => {
    const seen: AuthenticateRequest[] = [];
    const { urls } = await start({
      listeners: ['ws://127.0.0.1:0/mqtt'],
      authenticate: (request) => seen.push(request) > 0,
    });
    const url = `${urls[0] ?? ''}?tenant=7`;
    const client = connectClient(url, {
      clientId: 'c',
      username: 'u',
      ws: { headers: { Origin: 'http://127.0.0.1', Authorization: 'Bearer token', 'X-Tenant': '7' } },
    });
    await firstValueFrom(client.publish('t', '', { qos: 1 }));
    await client.end();
    expect(seen).toMatchObject([
      {
        clientId: 'c',
        username: 'u',
        address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
        listener: urls[0],
        certificate: undefined,
        origin: 'http://127.0.0.1',
        path: '/mqtt?tenant=7',
        headers: { authorization: 'Bearer token', 'x-tenant': '7' },
      },
    ]);
  });

  test('of TCP: none of them', async () => {
    const seen: AuthenticateRequest[] = [];
    const { connect } = await start({ authenticate: (request) => seen.push(request) > 0 });
    await connect();
    expect(seen).toMatchObject([{ origin: undefined, path: undefined, headers: {} }]);
  });
});
