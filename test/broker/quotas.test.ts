import { firstValueFrom } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { Quota } from '../../src/broker/access/quota.js';
import { DEFAULT_LIMITS } from '../../src/broker/broker-limits.js';
import { ConnectRate } from '../../src/broker/connection/connect-rate.js';
import { createBroker } from '../../src/broker/index.js';
import { hostOf } from '../../src/broker/access/host-of.js';
import { memoryPair } from '../../src/transport/memory.js';
import { connectPacket, RawClient } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();

describe('a quota', () => {
  test('cannot be filled by one owner', () => {
    const quota = new Quota(1000, 0.5);
    let taken = 0;
    for (; quota.hasRoomFor('attacker', 1); taken++) quota.add('attacker', 1);
    expect(taken).toBe(500);
    expect(quota.hasRoomFor('honest', 1)).toBe(true);
  });

  test('has a reserve for owners who have little', () => {
    const quota = new Quota(1000, 0.9);
    for (const name of ['one', 'two']) while (quota.hasRoomFor(name, 1)) quota.add(name, 1);
    const taken = Array.from({ length: 20 }, (_, index) => {
      let own = 0;
      for (; quota.hasRoomFor(`honest ${index}`, 1); own++) quota.add(`honest ${index}`, 1);
      return own;
    });
    // 900 for the first one, 10 for the second and each of the others until it is full.
    expect(taken.slice(0, 9)).toEqual(Array<number>(9).fill(10));
    expect(taken.slice(9).every((own) => own === 0)).toBe(true);
  });

  test('gives back what is freed', () => {
    const quota = new Quota(2, 0.5);
    quota.add('a', 1);
    expect(quota.hasRoomFor('a', 1)).toBe(false);
    quota.add('a', -1);
    expect(quota.hasRoomFor('a', 1)).toBe(true);
  });

  test('that is small is for all who come', () => {
    const quota = new Quota(10, 1);
    for (let index = 0; index < 10; index++) {
      expect(quota.hasRoomFor('a', 1)).toBe(true);
      quota.add('a', 1);
    }
    expect(quota.hasRoomFor('b', 1)).toBe(false);
  });

  test('binds the broker itself only as a whole', () => {
    const quota = new Quota(100, 0.1);
    quota.add('a', 10);
    expect(quota.hasRoomFor(undefined, 90)).toBe(true);
    expect(quota.hasRoomFor(undefined, 91)).toBe(false);
  });
});

test('a user who fills the sessions leaves room for others', async () => {
  const { connect, open } = await start({ limits: { sessions: 100, ownerShare: 0.2 } });
  const properties = { sessionExpiryInterval: 60 };
  for (let index = 0; index < 20; index++) {
    await (await connect({ clientId: `a${index}`, username: 'attacker', clean: false, properties })).disconnect();
  }
  const over = await open();
  over.send(connectPacket({ clientId: 'more', username: 'attacker' }));
  expect(await over.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
  expect((await connect({ username: 'honest' })).connack.reasonCode).toBe(0);
  // Its own sessions stay open to it.
  expect((await connect({ clientId: 'a7', username: 'attacker', clean: false })).connack.sessionPresent).toBe(true);
});

describe('the bytes of sessions', () => {
  const limits = { sessionBytes: 100_000, ownerShare: 0.5 };
  const some = 'a'.repeat(13_000);
  const left = { clean: false, properties: { sessionExpiryInterval: 60 } } as const;

  test('are not all for one user: client identifiers', async () => {
    const { connect, open } = await start({ limits });
    for (const one of ['1', '2', '3']) {
      await (await connect({ ...left, clientId: some + one, username: 'attacker' })).disconnect();
    }
    const over = await open();
    over.send(connectPacket({ clientId: some, username: 'attacker' }));
    expect(await over.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
    expect((await connect({ clientId: some, username: 'honest' })).connack.reasonCode).toBe(0);
  });

  test('count the names of users', async () => {
    const { connect, open } = await start({ limits });
    for (let index = 0; index < 7; index++) await connect({ clientId: `${index}`, username: some + index });
    const over = await open();
    over.send(connectPacket({ clientId: '7', username: `${some}7` }));
    expect(await over.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
  });

  test('count a will until it is published, or its client says goodbye', async () => {
    const { broker, connect, open } = await start({ limits });
    const will = { topic: 't', payload: new Uint8Array(40_000), qos: 0, retain: false } as const;
    const attacker = { ...left, username: 'attacker', will };
    await (await connect({ ...attacker, clientId: 'a' })).disconnect();
    const published = firstValueFrom(broker.published$);
    await (await connect({ ...attacker, clientId: 'b' })).cut();
    await published;
    expect((await connect({ ...attacker, clientId: 'c' })).connack.reasonCode).toBe(0);
    const over = await open();
    over.send(connectPacket({ ...attacker, clientId: 'd' }));
    expect(await over.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
  });

  test('are not all for one user: wills', async () => {
    const { connect, open } = await start({ limits });
    const will = { topic: 't', payload: new Uint8Array(40_000), qos: 0, retain: false } as const;
    const attacker = { ...left, username: 'attacker', will };
    const first = await connect({ ...attacker, clientId: 'a' });
    const over = await open();
    over.send(connectPacket({ ...attacker, clientId: 'b' }));
    expect(await over.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
    // The same session keeps one will at a time.
    const again = await connect({ ...attacker, clientId: 'a' });
    expect(again.connack.sessionPresent).toBe(true);
    await first.closed();
    await again.disconnect();
    await (await connect({ ...left, username: 'attacker', clientId: 'a' })).disconnect();
    expect((await connect({ ...attacker, clientId: 'b' })).connack.reasonCode).toBe(0);
  });

  test('are not all for one user: QoS 2 exchanges that are left open', async () => {
    const { connect, open } = await start({ limits });
    const attacker = { ...left, username: 'attacker' };
    const first = await connect({ ...attacker, clientId: 'a' });
    for (let packetId = 1; packetId <= 1000; packetId++) first.publish('t', '', { qos: 2, packetId });
    await first.settle();
    await first.disconnect();
    const second = await connect({ ...attacker, clientId: 'b', clean: true });
    for (let packetId = 1; packetId <= 1000; packetId++) second.publish('t', '', { qos: 2, packetId });
    await second.settle();
    await second.disconnect();
    for (let index = 0; index < 6; index++) await connect({ ...attacker, clientId: `${index}` });
    const over = await open();
    over.send(
      connectPacket({
        ...attacker,
        clientId: 'c',
        will: { topic: 't', payload: new Uint8Array(4000), qos: 0, retain: false },
      }),
    );
    expect(await over.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
    // They go with their session.
    await (await connect({ username: 'attacker', clientId: 'a', clean: true })).disconnect();
    expect((await connect({ ...attacker, clientId: 'c' })).connack.reasonCode).toBe(0);
  });

  test('are not all for one user: filters, and deep ones count more', async () => {
    const { connect } = await start({ limits });
    const [attacker, honest] = [await connect({ username: 'attacker' }), await connect({ username: 'honest' })];
    const deep = `a${'/'.repeat(180)}+`;
    expect((await attacker.subscribe([deep, `${deep}/b`, `${deep}/c`])).reasonCodes).toEqual([0, 0, 0x97]);
    // One that is replaced takes no room twice.
    expect((await attacker.subscribe([deep, `${deep}/b`])).reasonCodes).toEqual([0, 0]);
    expect((await honest.subscribe(deep)).reasonCodes).toEqual([0]);
    attacker.send({ cmd: 'unsubscribe', packetId: 9, filters: [deep] });
    await attacker.next('unsuback');
    expect((await attacker.subscribe(`${deep}/c`)).reasonCodes).toEqual([0]);
    await attacker.disconnect();
    const again = await connect({ username: 'attacker' });
    expect((await again.subscribe([deep, `${deep}/b`, `${deep}/c`])).reasonCodes).toEqual([0, 0, 0x97]);
  });
});

test('clients without a name share the quota of their address', async () => {
  const { connect, open } = await start({ limits: { sessions: 10, ownerShare: 0.2 } });
  await connect({ clientId: 'a' });
  await connect({ clientId: 'b' });
  const over = await open();
  over.send(connectPacket({ clientId: 'c' }));
  expect(await over.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
  expect((await connect({ clientId: 'c', username: 'honest' })).connack.reasonCode).toBe(0);
});

test('an address that connects without end leaves some of the rate to others', () => {
  new TestScheduler(() => undefined).run(() => {
    const rate = new ConnectRate({ ...DEFAULT_LIMITS, connectRate: 10, ownerShare: 0.5 });
    const taken = Array.from({ length: 8 }, (_, index) => rate.take(`192.0.2.1:${index}`));
    expect(taken).toEqual([true, true, true, true, true, false, false, false]);
    expect(rate.take('[2001:db8::1]:1')).toBe(true);
  });
});

test.each([
  ['192.0.2.1:50123', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:50123', '192.0.2.1'],
  ['[2001:db8:1:2:3:4:5:6]:50123', '2001:db8:1:2::'],
  ['2001:db8:1:2::9', '2001:db8:1:2::'],
  ['2001:DB8::1', '2001:db8:0:0::'],
  ['[::1]:1', '0:0:0:0::'],
  ['fe80::1%eth0', 'fe80:0:0:0::'],
  [undefined, ''],
])('the address %s counts as %s', (address, host) => {
  expect(hostOf(address)).toBe(host);
});

describe('connections', () => {
  /** Serves a connection that a proxy has accepted for this address; returns whether it stays. */
  function serving(options: Parameters<typeof createBroker>[0]): {
    from(address: string | undefined): () => boolean;
    close(): Promise<void>;
  } {
    const broker = createBroker(options);
    return {
      from(address) {
        const [, server] = memoryPair('there');
        const peer = address === undefined ? server.peer : { address };
        const served = broker.serve(Object.assign(server, { peer }));
        return () => !served.closed;
      },
      close: () => broker.close(),
    };
  }

  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test('of one address leave room for others', async () => {
    const { from, close } = serving({ limits: { connections: 10, ownerShare: 0.5 } });
    await settle();
    const first = Array.from({ length: 8 }, (_, index) => from(`192.0.2.1:${index}`));
    const others = ['192.0.2.2:1', '[2001:db8::1]:1', '[2001:db8::2]:1'].map(from);
    // Those without an address are bound by the whole alone.
    const local = Array.from({ length: 4 }, () => from(undefined));
    await settle();
    expect(first.map((stays) => stays())).toEqual([true, true, true, true, true, false, false, false]);
    expect(others.map((stays) => stays())).toEqual([true, true, true]);
    expect(local.map((stays) => stays())).toEqual([true, true, false, false]);
    await close();
  });

  test('of one address are as many as the operator says', async () => {
    const { from, close } = serving({ limits: { connectionsPerAddress: 2 } });
    await settle();
    const stay = ['192.0.2.1:1', '[::ffff:192.0.2.1]:2', '192.0.2.1:3', '192.0.2.2:1'].map(from);
    const local = Array.from({ length: 5 }, () => from(undefined));
    await settle();
    expect(stay.map((stays) => stays())).toEqual([true, true, false, true]);
    expect(local.every((stays) => stays())).toBe(true);
    await close();
  });

  test.each(['tcp://127.0.0.1:0', 'tcp://[::]:0', 'ws://127.0.0.1:0/mqtt'])(
    'of one address make room when they close, at %s',
    async (listener) => {
      const { broker, urls } = await start({ listeners: [listener], limits: { connectionsPerAddress: 1 } });
      const port = Number(new URL(urls[0] ?? '').port);
      const url = `tcp://127.0.0.1:${port}`;
      const first = await RawClient.open(url);
      const second = await RawClient.open(url);
      expect(await second.closed()).toEqual([]);
      expect(broker.counters.refused).toBe(1);
      await first.cut();
      for (;;) {
        const next = await RawClient.open(url);
        const refused = broker.counters.refused;
        await settle();
        await settle();
        if (broker.counters.refused === refused) break;
        await next.closed();
      }
    },
  );
});

describe('retained messages', () => {
  test('of one user do not take all the room: their number', async () => {
    const { connect } = await start({ sysInterval: 0, limits: { retainedMessages: 10, ownerShare: 0.5 } });
    const [attacker, honest] = [await connect({ username: 'attacker' }), await connect({ username: 'honest' })];
    const codes: number[] = [];
    for (let index = 0; index < 7; index++) {
      codes.push(await attacker.publishAndWait(`a/${index}`, 'x', { qos: 1, retain: true }));
    }
    expect(codes).toEqual([0x10, 0x10, 0x10, 0x10, 0x10, 0x97, 0x97]);
    expect(await honest.publishAndWait('h', 'x', { qos: 1, retain: true })).toBe(0x10);
    // What it has may be replaced, and what it frees may be used.
    expect(await attacker.publishAndWait('a/0', 'y', { qos: 1, retain: true })).toBe(0x10);
    expect(await attacker.publishAndWait('a/1', '', { qos: 1, retain: true })).toBe(0x10);
    expect(await attacker.publishAndWait('a/9', 'x', { qos: 1, retain: true })).toBe(0x10);
  });

  test('of one user do not take all the room: their bytes', async () => {
    const { connect } = await start({ sysInterval: 0, limits: { retainedBytes: 10_000, ownerShare: 0.5 } });
    const [attacker, honest] = [await connect({ username: 'attacker' }), await connect({ username: 'honest' })];
    const large = 'x'.repeat(4000);
    expect(await attacker.publishAndWait('a', large, { qos: 1, retain: true })).toBe(0x10);
    expect(await attacker.publishAndWait('b', large, { qos: 1, retain: true })).toBe(0x97);
    expect(await honest.publishAndWait('b', large, { qos: 1, retain: true })).toBe(0x10);
  });

  test('of one user do not take all the room: the levels of their topics', async () => {
    const { connect } = await start({ sysInterval: 0, limits: { retainedBytes: 100_000, ownerShare: 0.5 } });
    const [attacker, honest] = [await connect({ username: 'attacker' }), await connect({ username: 'honest' })];
    const deep = '/'.repeat(199);
    expect(await attacker.publishAndWait(`a${deep}`, 'x', { qos: 1, retain: true })).toBe(0x10);
    expect(await attacker.publishAndWait(`b${deep}`, 'x', { qos: 1, retain: true })).toBe(0x97);
    expect(await attacker.publishAndWait('b/2/3/4/5/6/7/8', 'x', { qos: 1, retain: true })).toBe(0x10);
    expect(await honest.publishAndWait(`b${deep}`, 'x', { qos: 1, retain: true })).toBe(0x10);
    expect(await attacker.publishAndWait(`a${deep}`, '', { qos: 1, retain: true })).toBe(0x10);
    expect(await attacker.publishAndWait(`c${deep}`, 'x', { qos: 1, retain: true })).toBe(0x10);
  });

  test('that another user replaces count for that one', async () => {
    const { connect } = await start({ sysInterval: 0, limits: { retainedMessages: 4, ownerShare: 0.5 } });
    const [one, other] = [await connect({ username: 'one' }), await connect({ username: 'other' })];
    for (const topic of ['a', 'b']) await one.publishAndWait(topic, 'x', { qos: 1, retain: true });
    await other.publishAndWait('a', 'x', { qos: 1, retain: true });
    expect(await one.publishAndWait('c', 'x', { qos: 1, retain: true })).toBe(0x10);
    await other.publishAndWait('b', 'x', { qos: 1, retain: true });
    expect(await other.publishAndWait('d', 'x', { qos: 1, retain: true })).toBe(0x97);
  });
});

test('a session lives for 30 days at most, and its client is told', async () => {
  const { connect } = await start();
  const forever = await connect({ clean: false, clientId: 'a', properties: { sessionExpiryInterval: 0xffffffff } });
  expect(forever.connack.properties?.sessionExpiryInterval).toBe(30 * 24 * 3600);
});
