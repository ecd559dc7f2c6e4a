import { of, timer, map } from 'rxjs';
import { connectPacket, textOf } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();
const password = Buffer.from('secret');

describe('authenticate', () => {
  test.each([
    ['a value', () => true],
    ['a promise', () => Promise.resolve(true)],
    ['an Observable', () => of(true)],
    ['a slow Observable', () => timer(20).pipe(map(() => 'allow' as const))],
  ])('lets a client in by %s', async (_name, authenticate) => {
    const { connect } = await start({ authenticate });
    const client = await connect({ username: 'u', password });
    expect(client.connack.reasonCode).toBe(0);
    expect(await client.settle()).toEqual([]);
  });

  test.each([
    [5, false, 0x86],
    [5, 0x8a, 0x8a],
    [5, 0x85, 0x85],
    [5, 0x92, 0x80],
    [4, 0x85, 2],
    [4, false, 4],
    [4, 0x87, 5],
    [3, false, 4],
  ] as const)(
    '[v5 MQTT-3.1.4-2] [v5 MQTT-3.1.3-8] [v5 MQTT-3.2.2-6] [v5 MQTT-3.2.2-7] [v5 MQTT-3.2.2-8] [v5 MQTT-3.14.0-1] [v5 MQTT-4.13.2-1] on version %i the answer %s becomes the code %i',
    async (version, answer, code) => {
      const { open, broker } = await start({ authenticate: () => answer });
      const client = await open(version);
      client.send(connectPacket({ protocolVersion: version, clientId: 'a' }));
      expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: code, sessionPresent: false }]);
      expect(broker.counters.refused).toBe(1);
    },
  );

  test('asks the chain until one decides, and refuses when none does or one fails', async () => {
    const asked: string[] = [];
    const { connect, open } = await start({
      authenticate: [
        ({ clientId }) => {
          asked.push(`first ${clientId}`);
          if (clientId === 'broken') throw new Error('down');
          return 'next';
        },
        ({ clientId, username, password: given }) => {
          asked.push(`second ${clientId}`);
          return Promise.resolve(username === 'u' && given?.toString() === password.toString() ? true : 'next');
        },
      ],
    });
    await connect({ clientId: 'good', username: 'u', password: new Uint8Array(password) }).catch(() => undefined);
    for (const [clientId, reasonCode] of [
      ['nobody', 0x86],
      ['broken', 0x88],
    ] as const) {
      const client = await open();
      client.send(connectPacket({ clientId }));
      expect(await client.closed()).toMatchObject([{ reasonCode }]);
    }
    expect(asked).toEqual(['first good', 'second good', 'first nobody', 'second nobody', 'first broken']);
  });

  test.each([
    ['[v4 MQTT-3.1.4-5]', 4, 4],
    ['[v5 MQTT-3.1.4-6]', 5, 0x86],
  ] as const)('%s what follows a CONNECT that is refused is not served', async (_id, protocolVersion, reasonCode) => {
    const { open, broker } = await start({ authenticate: () => timer(10).pipe(map(() => false)) });
    const client = await open(protocolVersion);
    client.send(connectPacket({ protocolVersion, clientId: 'a' }));
    client.publish('t', 'x', { retain: true });
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode }]);
    expect(broker.counters.published).toBe(0);
  });
});

describe('authorizePublish', () => {
  test('[v5 MQTT-3.4.2-1] [v5 MQTT-3.5.2-1] a refused message is answered with the code and not delivered', async () => {
    const { connect } = await start({ authorizePublish: ({ topic }) => topic === 'allowed' });
    const client = await connect();
    await client.subscribe(['allowed', 'denied'], 0);
    for (const qos of [1, 2] as const) {
      expect(await client.publishAndWait('denied', 'x', { qos })).toBe(0x87);
    }
    client.publish('allowed', 'y');
    expect(textOf(await client.message())).toBe('y');
  });

  test('[v5 MQTT-4.3.3-9] the identifier of a refused QoS 2 message is free again', async () => {
    const { connect } = await start({ authorizePublish: ({ topic }) => topic === 'allowed' });
    const client = await connect();
    await client.subscribe('allowed', 0);
    client.publish('denied', 'x', { qos: 2, packetId: 7 });
    expect(await client.next('pubrec')).toMatchObject({ packetId: 7, reasonCode: 0x87 });
    client.publish('allowed', 'y', { qos: 2, packetId: 7 });
    const packets = [await client.take(), await client.take()];
    expect(packets).toContainEqual(expect.objectContaining({ cmd: 'pubrec', packetId: 7, reasonCode: 0 }));
    expect(packets).toContainEqual(expect.objectContaining({ cmd: 'publish', topic: 'allowed' }));
  });

  test('[v4 MQTT-3.3.5-2] on 3.1.1 a refused message is acknowledged all the same', async () => {
    const { connect, broker } = await start({ authorizePublish: () => false });
    const client = await connect({ protocolVersion: 4, clientId: 'a' });
    await client.publishAndWait('denied', 'x', { qos: 1 });
    await client.publishAndWait('denied', 'x', { qos: 2 });
    expect(broker.counters.unauthorized).toBe(2);
  });

  test('[v5 MQTT-4.6.0-6] messages keep their order when answers come late', async () => {
    const { connect } = await start({
      authorizePublish: ({ payload }) => (payload[0] === 0x30 ? timer(20).pipe(map(() => true)) : true),
    });
    const client = await connect();
    await client.subscribe('t', 0);
    const other = await connect();
    for (const text of ['0', '1', '2']) other.publish('t', text, { qos: 1 });
    const order = [await client.message(), await client.message(), await client.message()].map(textOf);
    expect(order).toEqual(['0', '1', '2']);
    const acknowledged = [await other.next('puback'), await other.next('puback'), await other.next('puback')];
    expect(acknowledged.map(({ packetId }) => packetId)).toEqual([1, 2, 3]);
  });
});

describe('authorizeSubscribe', () => {
  test('[v5 MQTT-3.9.3-1] [v5 MQTT-3.9.3-2] [v4 MQTT-3.9.3-2] each filter is answered in order', async () => {
    const { connect } = await start({
      authorizeSubscribe: ({ filter }) => (filter === 'b' ? Promise.resolve(false) : true),
    });
    const client = await connect();
    expect((await client.subscribe(['a', 'b', 'c'], 1)).reasonCodes).toEqual([1, 0x87, 1]);
    const old = await connect({ protocolVersion: 4, clientId: 'old' });
    expect((await old.subscribe(['a', 'b'], 1)).reasonCodes).toEqual([1, 0x80]);
  });
});
