import { firstValueFrom, NEVER, filter } from 'rxjs';
import { mqttTest } from 'rxmqtt/testing';
import type { MqttError } from '../../src/errors.js';
import type { Broker, DisconnectedEvent, RefusedEvent, SessionInfo } from '../../src/broker/index.js';
import { memoryStore } from '../../src/session/memory-store.js';
import { connectPacket, RawClient } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();
const lasting = { clean: false, properties: { sessionExpiryInterval: 60 } };

function refusals({ refused$ }: Broker): RefusedEvent[] {
  const seen: RefusedEvent[] = [];
  refused$.subscribe((event) => seen.push(event));
  return seen;
}

describe('refused$', () => {
  test.each([5, 4] as const)('tells who, from where, the code of MQTT 5 and why, on version %i', async (version) => {
    const { broker, open, urls } = await start({ authenticate: () => 0x8a });
    const seen = refusals(broker);
    const client = await open(version);
    client.send(
      connectPacket({ protocolVersion: version, clientId: 'c', username: 'ann', password: Buffer.from('secret') }),
    );
    await client.closed();
    expect(seen).toEqual([
      {
        clientId: 'c',
        username: 'ann',
        protocolVersion: version,
        address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
        listener: urls[0],
        reasonCode: 0x8a,
        reason: 'authenticate refused it',
      },
    ]);
    expect(broker.counters.refused).toBe(1);
  });

  const will = (topic: string, more: object = {}): { will: never } => ({
    will: { topic, payload: Buffer.from(''), qos: 0, retain: false, ...more } as never,
  });
  const X = { properties: { authenticationMethod: 'X' } };

  test.each([
    [
      'a hook that fails',
      { authenticate: () => Promise.reject(new Error('away')) },
      {},
      0x88,
      /^authenticate failed; see faults\$$/,
    ],
    ['a method that fails', { enhancedAuthentication: { X: () => 5 } }, X, 0x88, /^the method X failed; see faults\$$/],
    ['a method that refuses', { enhancedAuthentication: { X: () => false as const } }, X, 0x87, /method X/],
    ['a method that is unknown', {}, X, 0x8c, /enhancedAuthentication/],
    ['too many a second', { limits: { connectRate: 0 } }, {}, 0x9f, /connectRate/],
    ['a principal that has ended', { authenticate: () => ({ expiresAt: 1 }) }, {}, 0x87, /expiresAt/],
    ['a client that takes nothing', {}, { properties: { maximumPacketSize: 5 } }, 0x95, /CONNACK/],
    ['a will that is not allowed', { authorizePublish: () => false }, will('t'), 0x87, /will/],
    [
      'a will with a QoS too high',
      { authenticate: () => ({ maxQos: 0 as const }) },
      will('t', { qos: 1 }),
      0x9b,
      /QoS 1/,
    ],
    ['no room for its session', { limits: { sessions: 0 } }, {}, 0x97, /no room/],
    ['silence', { authenticate: () => NEVER, limits: { connectTimeout: 50 } }, {}, 0x88, /connectTimeout/],
  ])('tells of %s', async (_name, options, connect, reasonCode, reason) => {
    const { broker, open } = await start(options);
    const seen = refusals(broker);
    const client = await open();
    client.send(connectPacket({ clientId: 'c', ...connect }));
    await client.closed();
    expect(seen).toMatchObject([{ clientId: 'c', reasonCode, reason: expect.stringMatching(reason) as string }]);
  });

  test('tells of an interceptor, and of the names that authenticate has given', async () => {
    const { broker, open } = await start({ authenticate: () => ({ username: 'ann', clientId: 'hall-7' }) });
    const seen = refusals(broker);
    broker.intercept({ connect: () => 0x8a });
    const client = await open();
    client.send(connectPacket({ clientId: 'c', username: 'u' }));
    await client.closed();
    const reason = 'intercept.connect refused it';
    expect(seen).toMatchObject([{ clientId: 'hall-7', username: 'ann', reasonCode: 0x8a, reason }]);
  });

  test('tells an interceptor that fails from one that refuses', async () => {
    const { broker, open } = await start();
    const seen = refusals(broker);
    broker.intercept({ connect: () => Promise.reject(new Error('away')) });
    const client = await open();
    client.send(connectPacket({ clientId: 'c' }));
    await client.closed();
    expect(seen).toMatchObject([{ reasonCode: 0x88, reason: 'intercept.connect failed; see faults$' }]);
  });

  test('tells of a session that belongs to another user', async () => {
    const { broker, open, connect } = await start();
    await connect({ clientId: 'c', username: 'ann' });
    const seen = refusals(broker);
    const client = await open();
    client.send(connectPacket({ clientId: 'c', username: 'bob' }));
    await client.closed();
    expect(seen).toMatchObject([{ clientId: 'c', username: 'bob', reasonCode: 0x85 }]);
    expect(seen[0]?.reason).toContain('another user');
  });

  test('tells of a CONNECT that cannot be read', async () => {
    const { broker, open } = await start();
    const seen = refusals(broker);
    const client = await open(4);
    client.send(Buffer.from('100c00044d5154540602003c0000', 'hex'));
    await client.closed();
    expect(seen).toMatchObject([{ clientId: undefined, protocolVersion: undefined, reasonCode: 0x84 }]);
  });

  test('does not tell of a client that left while it was asked', async () => {
    const { broker, open } = await start({ authenticate: () => NEVER });
    const seen = refusals(broker);
    const client = await open();
    client.send(connectPacket({ clientId: 'c' }));
    await client.cut();
    await broker.close();
    expect(seen).toEqual([]);
  });
});

describe('disconnected$ says how a connection ended', () => {
  const properties = { authenticationMethod: 'X' };

  const ways: readonly (readonly [string, object, (client: RawClient, broker: Broker, url: string) => unknown])[] = [
    ['DISCONNECT', { how: 'disconnect', reasonCode: 0 }, (client) => client.disconnect()],
    ['DISCONNECT with a code', { how: 'disconnect', reasonCode: 4 }, (client) => client.disconnect(4)],
    ['a socket that breaks', { how: 'lost', reasonCode: 0 }, (client) => client.cut()],
    ['dropConnections()', { how: 'lost', reasonCode: 0 }, (_client, broker) => broker.dropConnections('c')],
    ['disconnectClient()', { how: 'kicked', reasonCode: 0x98 }, (_client, broker) => broker.disconnectClient('c')],
    ['another code', { how: 'kicked', reasonCode: 0x89 }, (_client, broker) => broker.disconnectClient('c', 0x89)],
    ['endSession()', { how: 'kicked', reasonCode: 0x98 }, (_client, broker) => broker.endSession('c')],
    ['close()', { how: 'kicked', reasonCode: 0x8b }, (_client, broker) => broker.close()],
    [
      'a malformed packet',
      { how: 'protocol-error', reasonCode: 0x81 },
      (client) => client.send(Buffer.from('8006000100016100', 'hex')),
    ],
    [
      'a packet out of place',
      { how: 'protocol-error', reasonCode: 0x82 },
      (client) => client.send(connectPacket({ clientId: 'c' })),
    ],
    [
      'a re-authentication that is refused',
      { how: 'kicked', reasonCode: 0x87 },
      (client) => client.send({ cmd: 'auth', reasonCode: 0x19, properties }),
    ],
    [
      'another connection',
      { how: 'taken-over', reasonCode: 0x8e },
      (_client, _broker, url) => RawClient.connect(url, { clientId: 'c', properties }),
    ],
  ];

  test.each(ways)('%s', async (_name, event, end) => {
    const { broker, connect, urls } = await start({
      enhancedAuthentication: { X: ({ again }) => (again ? false : { status: 'success' }) },
    });
    const client = await connect({ clientId: 'c', properties });
    const ended = firstValueFrom(broker.disconnected$);
    await end(client, broker, urls[0] ?? '');
    expect(await ended).toMatchObject({ client: { clientId: 'c' }, ...event });
  });

  test('a client that is silent for too long is lost, with 0x8d', async () => {
    await mqttTest(async (t) => {
      const ends: DisconnectedEvent[] = [];
      t.broker.disconnected$.subscribe((event) => ends.push(event));
      t.connect({ clientId: 'c', keepalive: 10, reconnect: false });
      await t.to(10);
      t.broker.line('c').freeze('1h');
      await t.to('1m');
      expect(ends).toMatchObject([{ how: 'lost', reasonCode: 0x8d }]);
    });
  });
});

describe('sessions$', () => {
  const now = ({ sessions$ }: Broker): Promise<ReadonlyMap<string, SessionInfo>> => firstValueFrom(sessions$);

  test('shows connected and offline sessions with subscriptions, queue and expiry', async () => {
    const { broker, connect } = await start({
      authenticate: ({ username }) => (username === 'ann' ? { mountPoint: 'm' } : true),
      sysInterval: 0,
    });
    const client = await connect({ clientId: 'c', username: 'ann', ...lasting });
    await client.subscribe(['a', '$share/g/b'], 1);
    await connect({ clientId: 'd' });
    expect(Object.fromEntries(await now(broker))).toEqual({
      c: {
        clientId: 'c',
        connected: true,
        principal: 'user:ann',
        mountPoint: 'm/',
        subscriptions: [
          { filter: 'm/a', qos: 1 },
          { filter: '$share/g/m/b', qos: 1 },
        ],
        queuedMessages: 0,
        queuedBytes: 0,
        expiryInterval: 60,
        expiresAt: undefined,
      },
      d: {
        clientId: 'd',
        connected: true,
        principal: '',
        mountPoint: '',
        subscriptions: [],
        queuedMessages: 0,
        queuedBytes: 0,
        expiryInterval: 0,
        expiresAt: undefined,
      },
    });
    const left = Date.now();
    await client.disconnect();
    broker.publish({ topic: 'm/a', payload: 'x'.repeat(10), qos: 1 });
    const { expiresAt = 0, ...offline } = (await now(broker)).get('c') as SessionInfo;
    expect(offline).toMatchObject({ connected: false, queuedMessages: 1, queuedBytes: 13, expiryInterval: 60 });
    expect(Math.abs(expiresAt - left - 60_000)).toBeLessThan(5000);
  });

  test('shows those that a store has kept, with what waits for them', async () => {
    const store = memoryStore();
    const before = await start({ store, sysInterval: 0 });
    const client = await before.connect({ clientId: 'c', username: 'ann', ...lasting });
    await client.subscribe('a', 1);
    await client.disconnect();
    before.broker.publish({ topic: 'a', payload: 'x', qos: 1 });
    await before.broker.close();
    const { broker } = await start({ store, sysInterval: 0 });
    expect((await now(broker)).get('c')).toMatchObject({
      connected: false,
      principal: 'user:ann',
      subscriptions: [{ filter: 'a', qos: 1 }],
      queuedMessages: 1,
    });
  });

  test('emits after changes, at most once a second, and the same object for what has not changed', async () => {
    await mqttTest(async (t) => {
      t.connect({ clientId: 'a', clean: false, sessionExpiry: 5 }).subscribe('t', { qos: 1 }).subscribe();
      await t.to(20);
      const seen: [number, ReadonlyMap<string, SessionInfo>][] = [];
      t.broker.sessions$.subscribe((sessions) => seen.push([t.now, sessions]));
      await t.to('5s');
      expect(seen).toHaveLength(1);
      const b = t.connect({ clientId: 'b' });
      for (let count = 0; count < 10; count++) t.connect({ clientId: `more ${count}` });
      await t.to('7s');
      const before = seen.length;
      expect(before).toBeLessThanOrEqual(3);
      const last = seen.at(-1)?.[1];
      expect(last?.size).toBe(12);
      expect(last?.get('a')).toBe(seen[0]?.[1].get('a'));
      t.broker.line('a').down('1h');
      await t.to('9s');
      for (let count = 0; count < 3; count++) b.publish('t', 'x', { qos: 1 }).subscribe();
      await t.to('12s');
      expect(seen.at(-1)?.[1].get('a')).toMatchObject({ connected: false, queuedMessages: 3 });
      await t.to('20s');
      expect(seen.at(-1)?.[1].has('a')).toBe(false);
      const times = seen.map(([time]) => time);
      times.slice(1).forEach((time, index) => expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(1000));
    });
  });

  test('sets no timer without an observer, and completes when the broker closes', async () => {
    const { broker } = await start();
    let completed = false;
    broker.sessions$.subscribe({ complete: () => (completed = true) });
    await broker.close();
    expect(completed).toBe(true);
    expect((await firstValueFrom(broker.sessions$)).size).toBe(0);
  });
});

describe('hooks that fail are told on faults$, with the hook, the client and the cause', () => {
  const saying = ({ faults$ }: Broker): Promise<MqttError> =>
    firstValueFrom(faults$.pipe(filter(({ code }) => code === 'HOOK_FAILED')));

  test('one that throws: its words stay in the cause, since they may hold secrets', async () => {
    const { broker, connect } = await start({
      authorizePublish: () => {
        throw new Error('the data base is away');
      },
    });
    const fault = saying(broker);
    await (await connect({ clientId: 'hall-7' })).publishAndWait('t', '', { qos: 1 });
    expect(await fault).toMatchObject({
      message: 'the hook authorizePublish failed for client "hall-7", which counts as a no: it threw; see the cause',
      cause: new Error('the data base is away'),
    });
  });

  const bad: readonly (readonly [string, () => unknown, string])[] = [
    ['nothing that it may answer', () => null, "it answered null; give true, false, 'next' or a reason code from 0x80"],
    ['it later', () => Promise.resolve(7), "it answered 7; give true, false, 'next' or a reason code from 0x80"],
    ['it too late', () => NEVER, 'no answer within 20 ms; see limits.hookTimeout'],
  ];
  test.each(bad)('one that answers %s: the message says what', async (_name, authorizePublish, why) => {
    const { broker, connect } = await start({
      authorizePublish: authorizePublish as never,
      limits: { hookTimeout: 20 },
    });
    const fault = saying(broker);
    await (await connect({ clientId: 'hall-7' })).publishAndWait('t', '', { qos: 1 });
    expect((await fault).message).toBe(
      `the hook authorizePublish failed for client "hall-7", which counts as a no: ${why}`,
    );
  });

  test('one that must answer at once, and does not', async () => {
    const { broker, connect } = await start({
      sysInterval: 0,
      authorizeDelivery: (() => Promise.resolve(true)) as never,
    });
    const client = await connect({ clientId: 'hall-7' });
    await client.subscribe('t', 0);
    const fault = saying(broker);
    broker.publish({ topic: 't' });
    expect((await fault).message).toBe(
      'the hook authorizeDelivery failed for client "hall-7", which counts as a no: it answers later; decide at once',
    );
  });
});

test('what published$ tells may be published again', async () => {
  const { broker, connect } = await start({ sysInterval: 0 });
  const client = await connect();
  await client.subscribe('mirror/#', 0);
  broker.published$
    .pipe(filter(({ clientId }) => clientId !== undefined))
    .subscribe(({ message }) => broker.publish({ ...message, topic: `mirror/${message.topic}` }));
  client.publish('t', 'x', { properties: { contentType: 'text/plain' } });
  expect(await client.message()).toMatchObject({
    topic: 'mirror/t',
    payload: Buffer.from('x'),
    properties: { contentType: 'text/plain' },
  });
});

test.each([4, 5, 0x84, 300, '0x98'])('disconnectClient() refuses %p, which a server may not send', async (code) => {
  const { broker, connect } = await start();
  const client = await connect({ clientId: 'hall-7' });
  expect(() => broker.disconnectClient('hall-7', code as never)).toThrow(
    new TypeError(
      `disconnectClient: the reason code is ${JSON.stringify(code)}; give one that a server may send in DISCONNECT, such as 0x98`,
    ),
  );
  expect(await client.settle()).toEqual([]);
});
