import { connectPacket } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();

test('[v5 row 9] a packet above the maximum size ends the connection with 0x95', async () => {
  const { connect } = await start({ limits: { packetSize: 1000 } });
  const client = await connect();
  expect(client.connack.properties?.maximumPacketSize).toBe(1000);
  client.publish('t', new Uint8Array(2000));
  expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x95 }]);
});

test('a connection without CONNECT is closed', async () => {
  const { open } = await start({ limits: { connectTimeout: 50 } });
  expect(await (await open()).closed()).toEqual([]);
});

test('a connection above the limit is closed and counted', async () => {
  const { connect, open, broker } = await start({ limits: { connections: 1 } });
  const client = await connect();
  expect(await (await open()).closed()).toEqual([]);
  expect(await client.settle()).toEqual([]);
  expect(broker.counters.refused).toBe(1);
});

test('CONNECT above the rate is refused with 0x9f', async () => {
  const { open } = await start({ limits: { connectRate: 0 } });
  const client = await open();
  client.send(connectPacket({ clientId: 'a' }));
  expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x9f }]);
});

test('a session above the limit is refused with 0x97', async () => {
  const { connect, open } = await start({ limits: { sessions: 1 } });
  await connect({ clientId: 'a' });
  const client = await open();
  client.send(connectPacket({ clientId: 'b' }));
  expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
});

test('a subscription above the limit is refused with 0x97', async () => {
  const { connect } = await start({ limits: { subscriptions: 1 } });
  const client = await connect();
  expect((await client.subscribe(['a', 'b'], 0)).reasonCodes).toEqual([0, 0x97]);
});

test('a share name above the limit is refused with 0x97', async () => {
  const { connect, broker } = await start({ limits: { shareNames: 2 } });
  const client = await connect();
  const filters = ['$share/a/x', '$share/b/x', '$share/c/x', '$share/a/+', 'x'];
  expect((await client.subscribe(filters, 0)).reasonCodes).toEqual([0, 0, 0x97, 0, 0]);
  // Another subscription has the name, and one that is replaced keeps it.
  client.send({ cmd: 'unsubscribe', packetId: 9, filters: ['$share/a/x'] });
  await client.next('unsuback');
  expect((await client.subscribe(['$share/c/x', '$share/a/+'], 0)).reasonCodes).toEqual([0x97, 0]);
  client.send({ cmd: 'unsubscribe', packetId: 9, filters: ['$share/a/+'] });
  await client.next('unsuback');
  expect((await client.subscribe('$share/c/x', 0)).reasonCodes).toEqual([0]);
  broker.publish({ topic: 'x', payload: '' });
  expect((await client.settle()).filter(({ cmd }) => cmd === 'publish')).toHaveLength(3);
});

test('a retained message above the limit is not kept, and answered with 0x97', async () => {
  const { connect, broker } = await start({ limits: { retainedMessages: 1 }, sysInterval: 0 });
  const client = await connect();
  await client.publishAndWait('a', 'x', { qos: 1, retain: true });
  expect(await client.publishAndWait('b', 'x', { qos: 1, retain: true })).toBe(0x97);
  expect(broker.counters.droppedRetained).toBe(1);
});

test('topics and filters are limited in their levels', async () => {
  const { connect } = await start({ limits: { topicLevels: 3 } });
  const client = await connect();
  expect((await client.subscribe(['a/b/c', 'a/b/c/d'], 0)).reasonCodes).toEqual([0, 0x8f]);
  client.publish('a/b/c/d', 'x');
  expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x90 }]);
});

describe('names are limited in their length', () => {
  const limits = { nameLength: 10 };
  const long = 'x'.repeat(11);

  test.each([
    ['client identifier', { clientId: long }, 0x85],
    ['user name', { username: long }, 0x86],
    ['topic of a will', { will: { topic: long, payload: new Uint8Array(), qos: 0, retain: false } }, 0x90],
  ] as const)('%s', async (_name, options, reasonCode) => {
    const { connect, open } = await start({ limits });
    const client = await open();
    client.send(connectPacket({ clientId: 'a', ...options }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode }]);
    const just = JSON.parse(JSON.stringify(options).replace(long, long.slice(1))) as typeof options;
    await connect({ clientId: 'a', ...just, ...('will' in options && { will: { ...options.will, topic: 'x' } }) });
  });

  test('topics and filters, with the name of their share', async () => {
    const { connect } = await start({ limits });
    const client = await connect({ clientId: 'a' });
    const filters = [long, long.slice(1), '$share/g/x', '$share/g/xy'];
    expect((await client.subscribe(filters, 0)).reasonCodes).toEqual([0x8f, 0, 0, 0x8f]);
    expect(await client.publishAndWait('y'.repeat(10), 'x', { qos: 1 })).toBe(0x10);
    client.publish(long, 'x', { qos: 1 });
    expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x90 }]);
  });

  test.each([long, 'a/b/c/d'])(
    'response topics: %s is refused of the one who asks, not of the one who answers',
    async (responseTopic) => {
      const { connect } = await start({ limits: { ...limits, topicLevels: 3 } });
      const client = await connect({ clientId: 'a' });
      const properties = { responseTopic };
      expect(await client.publishAndWait('x', 'x', { qos: 1, properties })).toBe(0x90);
      expect(await client.publishAndWait('x', 'x', { qos: 1, properties: { responseTopic: 'a/b/c' } })).toBe(0x10);
      const stranger = await start({ limits }).then(({ open }) => open());
      const will = {
        topic: 'x',
        payload: new Uint8Array(),
        qos: 0,
        retain: false,
        properties: { responseTopic: long },
      } as const;
      stranger.send(connectPacket({ clientId: 'b', will }));
      expect(await stranger.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x90 }]);
    },
  );
});

test('[v5 MQTT-3.3.4-9] a client that exceeds our Receive Maximum is disconnected with 0x93', async () => {
  const { connect } = await start({ limits: { receiveMaximum: 2 } });
  const client = await connect();
  expect(client.connack.properties?.receiveMaximum).toBe(2);
  for (let packetId = 1; packetId <= 3; packetId++) client.publish('t', 'x', { qos: 2, packetId });
  expect((await client.closed()).at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x93 });
});

test('keep-alive and session expiry above their limits are reduced, and the client is told', async () => {
  const { connect } = await start({ limits: { keepalive: 30, sessionExpiry: 100 } });
  const { connack } = await connect({ keepalive: 60, properties: { sessionExpiryInterval: 1000 } });
  expect(connack.properties).toMatchObject({ serverKeepAlive: 30, sessionExpiryInterval: 100 });
});

test('an offline session keeps as many messages as its queue holds; the rest is counted', async () => {
  const { connect, broker } = await start({ limits: { queuedMessages: 2 } });
  const options = { clientId: 'a', clean: false, properties: { sessionExpiryInterval: 60 } };
  const first = await connect(options);
  await first.subscribe('t', 1);
  await first.disconnect();
  for (let index = 0; index < 5; index++) broker.publish({ topic: 't', payload: String(index), qos: 1 });
  const second = await connect(options);
  await second.message();
  await second.message();
  expect(await second.settle()).toEqual([]);
  expect(broker.counters.droppedQueueFull).toBe(3);
});

test('a full session of a client that is away drops its messages, and costs the publisher nothing while others take them', async () => {
  const { connect, broker } = await start({ limits: { queuedMessages: 2 } });
  const away = await connect({ clientId: 'away', clean: false, properties: { sessionExpiryInterval: 60 } });
  await away.subscribe('t', 1);
  await away.disconnect();
  const publisher = await connect();
  const codes = async (count: number): Promise<number[]> => {
    const all: number[] = [];
    while (all.length < count) all.push(await publisher.publishAndWait('t', 'x', { qos: 1 }));
    return all;
  };
  expect(await codes(3)).toEqual([0, 0, 0x97]);
  const other = await connect();
  await other.subscribe('t', 1);
  expect(await codes(2)).toEqual([0, 0]);
  expect(await other.message()).toMatchObject({ topic: 't' });
  expect(broker.counters.droppedQueueFull).toBe(3);
});

test('a connected client that does not acknowledge is disconnected with 0x97 when its queue is full', async () => {
  const { connect, broker } = await start({ limits: { queuedMessages: 2, inFlight: 1 } });
  const client = await connect();
  await client.subscribe('t', 1);
  for (let index = 0; index < 4; index++) broker.publish({ topic: 't', payload: String(index), qos: 1 });
  expect((await client.closed()).at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x97 });
  expect(broker.counters.slowConsumers).toBe(1);
});
