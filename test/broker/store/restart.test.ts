import { createBroker, type BrokerOptions } from '../../../src/broker/index.js';
import { memoryStore, type MemoryStore } from '../../../src/session/memory-store.js';
import type { Store, StoreOperation } from '../../../src/session/store.js';
import { connectPacket, RawClient, textOf } from '../../support/raw-client.js';
import { brokers, type RunningBroker } from '../support.js';

const start = brokers();

const persistent = { clientId: 'sub', clean: false, properties: { sessionExpiryInterval: 3600 } } as const;

/** A process that dies: its sockets are gone, and nothing that it still had in mind reaches the store. */
class MortalStore implements Store {
  private dead = false;
  constructor(private readonly inner: Store) {}

  load(prefix: string): ReturnType<Store['load']> {
    return this.inner.load(prefix);
  }

  write(operations: readonly StoreOperation[]): Promise<void> {
    return this.dead ? Promise.reject(new Error('the process is dead')) : this.inner.write(operations);
  }

  kill(): void {
    this.dead = true;
  }
}

interface Life extends RunningBroker {
  /** Dies, and starts again on the same store. */
  restart(): Promise<Life>;
}

async function live(inner: MemoryStore, options: BrokerOptions = {}): Promise<Life> {
  const store = new MortalStore(inner);
  const running = await start({ ...options, store, sysInterval: 0 });
  return {
    ...running,
    restart: () => {
      store.kill();
      running.broker.dropConnections();
      return live(inner, options);
    },
  };
}

/** The records of the broker, but for the one that names their layout. */
async function keys(store: MemoryStore): Promise<string[]> {
  const records = await store.load('broker/');
  return records.map(({ key }) => key).filter((key) => key !== 'broker/layout');
}

describe('a broker on a store', () => {
  it('[v5 MQTT-3.1.2-23] keeps a session, its subscriptions and its queue', async () => {
    const before = await live(memoryStore());
    const first = await before.connect(persistent);
    await first.subscribe([{ filter: 'a/+', qos: 2, retainAsPublished: true }], 2, { subscriptionIdentifier: 7 });
    await first.disconnect();
    const publisher = await before.connect();
    expect(await publisher.publishAndWait('a/1', 'one', { qos: 1 })).toBe(0);
    expect(await publisher.publishAndWait('a/2', 'two', { qos: 2, properties: { contentType: 'text' } })).toBe(0);

    const after = await before.restart();
    const second = await after.connect(persistent);
    expect(second.connack.sessionPresent).toBe(true);
    const one = await second.message();
    expect([one.topic, textOf(one), one.qos, one.properties]).toEqual(['a/1', 'one', 1, { subscriptionIdentifier: 7 }]);
    const two = await second.message();
    expect([two.topic, textOf(two), two.qos]).toEqual(['a/2', 'two', 2]);
    expect(two.properties).toEqual({ contentType: 'text', subscriptionIdentifier: 7 });

    const again = await after.connect();
    expect(await again.publishAndWait('a/3', 'three', { qos: 1, retain: true })).toBe(0);
    expect(await second.message()).toMatchObject({
      topic: 'a/3',
      retain: true,
      properties: { subscriptionIdentifier: 7 },
    });
  });

  it('[v5 MQTT-4.4.0-1] sends unacknowledged messages again with DUP and their identifiers', async () => {
    const before = await live(memoryStore());
    const first = await before.connect(persistent);
    await first.subscribe('t', 2);
    before.broker.publish({ topic: 't', payload: 'x', qos: 1 });
    before.broker.publish({ topic: 't', payload: 'y', qos: 2 });
    const x = await first.next('publish');
    const y = await first.next('publish');
    first.ack('pubrec', y.packetId);
    await first.next('pubrel');

    const after = await before.restart();
    const second = await after.connect(persistent);
    const again = await second.next('publish');
    expect([textOf(again), again.dup, again.packetId]).toEqual(['x', true, x.packetId]);
    expect((await second.next('pubrel')).packetId).toBe(y.packetId);
    second.ack('puback', x.packetId);
    second.ack('pubcomp', y.packetId);
    expect(await second.settle()).toEqual([]);
  });

  it('[v5 MQTT-4.3.3-10] remembers the identifiers of inbound QoS 2 messages', async () => {
    const before = await live(memoryStore());
    const subscriber = await before.connect(persistent);
    await subscriber.subscribe('t', 2);
    await subscriber.disconnect();
    const publisher = await before.connect({ ...persistent, clientId: 'pub' });
    publisher.publish('t', 'once', { qos: 2, packetId: 9 });
    await publisher.next('pubrec');

    const after = await before.restart();
    const again = await after.connect({ ...persistent, clientId: 'pub' });
    again.publish('t', 'once', { qos: 2, packetId: 9, dup: true });
    expect(await again.next('pubrec')).toMatchObject({ packetId: 9, reasonCode: 0 });
    again.ack('pubrel', 9);
    expect(await again.next('pubcomp')).toMatchObject({ packetId: 9, reasonCode: 0 });
    const second = await after.connect(persistent);
    expect(textOf(await second.message())).toBe('once');
    expect(await second.settle()).toEqual([]);
  });

  it('[v5 MQTT-3.3.1-5] keeps retained messages, and not those that were cleared', async () => {
    const store = memoryStore();
    const before = await live(store);
    const publisher = await before.connect();
    await publisher.publishAndWait('r/1', 'one', { qos: 1, retain: true });
    await publisher.publishAndWait('r/2', 'two', { qos: 1, retain: true });
    await publisher.publishAndWait('r/1', 'new', { qos: 1, retain: true });
    await publisher.publishAndWait('r/2', '', { qos: 1, retain: true });

    const after = await before.restart();
    const subscriber = await after.connect();
    await subscriber.subscribe('#', 1);
    const kept = await subscriber.message();
    expect([kept.topic, textOf(kept), kept.retain]).toEqual(['r/1', 'new', true]);
    expect(await subscriber.settle()).toEqual([]);
    expect(await keys(store)).toEqual(['broker/2/r/r%2F1']);
  });

  it('writes a message for many sessions once, and deletes it with the last of them', async () => {
    const store = memoryStore();
    const { connect, broker } = await live(store);
    const options = ['a', 'b', 'c'].map((clientId) => ({ ...persistent, clientId }));
    for (const option of options) {
      const client = await connect(option);
      await client.subscribe('t', 1);
      await client.disconnect();
    }
    broker.publish({ topic: 't', payload: 'x', qos: 1 });
    const publisher = await connect();
    await publisher.publishAndWait('other', '', { qos: 1 });
    expect((await keys(store)).filter((key) => /^broker\/2\/b\/\d+\/m$/.test(key))).toHaveLength(1);
    for (const option of options) {
      const client = await connect(option);
      await client.message();
      await client.settle();
      await client.disconnect(0, 0);
    }
    await broker.close();
    expect(await keys(store)).toEqual([]);
  });

  it('[v5 MQTT-3.1.2-4] deletes a session on a clean start, and one without expiry when its connection ends', async () => {
    const store = memoryStore();
    const { connect, broker } = await live(store);
    const first = await connect(persistent);
    await first.subscribe('t', 1);
    await first.disconnect();
    broker.publish({ topic: 't', payload: 'x', qos: 1 });
    const second = await connect({ clientId: 'sub', clean: true });
    expect(second.connack.sessionPresent).toBe(false);
    await second.subscribe('t', 1);
    await broker.close();
    expect(await keys(store)).toEqual([]);
  });

  it('lets sessions expire while the broker is down', async () => {
    const store = memoryStore();
    const before = await live(store);
    const first = await before.connect({ ...persistent, properties: { sessionExpiryInterval: 1 } });
    await first.subscribe('t', 1);
    await first.disconnect();
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + 2000);
    try {
      const after = await before.restart();
      const publisher = await after.connect();
      await publisher.settle();
      expect(after.broker.counters.expiredSessions).toBe(1);
      expect((await after.connect(persistent)).connack.sessionPresent).toBe(false);
    } finally {
      clock.mockRestore();
    }
  });

  it('[v5 MQTT-3.1.3-9] publishes a will whose delay ran out while the broker was down', async () => {
    const before = await live(memoryStore());
    const will = {
      topic: 'will',
      payload: new Uint8Array([7]),
      qos: 1,
      retain: false,
      properties: { willDelayInterval: 1, contentType: 'text' },
    } as const;
    const watcher = await before.connect({ ...persistent, clientId: 'watcher' });
    await watcher.subscribe('will', 1);
    const client = await before.connect({ ...persistent, will });
    await client.cut();
    await watcher.settle();
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now + 2000);
    try {
      const after = await before.restart();
      const again = await after.connect({ ...persistent, clientId: 'watcher' });
      expect(await again.message()).toMatchObject({ topic: 'will', properties: { contentType: 'text' } });
    } finally {
      clock.mockRestore();
    }
  });

  it('counts a will that waits among the bytes of its user', async () => {
    const before = await live(memoryStore(), { limits: { sessionBytes: 100_000, ownerShare: 0.5 } });
    const payload = new Uint8Array(40_000);
    const will = { topic: 'will', payload, qos: 1, retain: false, properties: { willDelayInterval: 60 } } as const;
    const attacker = { ...persistent, username: 'attacker', will };
    await (await before.connect({ ...attacker, clientId: 'a' })).cut();
    await (await before.connect()).settle();

    const after = await before.restart();
    const over = await after.open();
    over.send(connectPacket({ ...attacker, clientId: 'b' }));
    expect(await over.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
    await (await after.connect({ ...attacker, clientId: 'a' })).disconnect();
    expect((await after.connect({ ...attacker, clientId: 'b' })).connack.reasonCode).toBe(0);
  });

  it('publishes no will twice', async () => {
    const before = await live(memoryStore());
    const will = { topic: 'will', payload: new Uint8Array(), qos: 1, retain: false } as const;
    const watcher = await before.connect({ ...persistent, clientId: 'watcher' });
    await watcher.subscribe('will', 1);
    await (await before.connect({ ...persistent, will })).cut();
    await watcher.message();
    await watcher.settle();
    const after = await before.restart();
    const again = await after.connect({ ...persistent, clientId: 'watcher' });
    await after.connect(persistent);
    expect(await again.settle()).toEqual([]);
  });

  it('passes on the messages of a group member whose session ends after the restart', async () => {
    const before = await live(memoryStore());
    const one = await before.connect({ ...persistent, clientId: 'one' });
    await one.subscribe('$share/g/t', 1);
    await one.disconnect();
    before.broker.publish({ topic: 't', payload: 'x', qos: 1 });
    await (await before.connect()).publishAndWait('other', '', { qos: 1 });

    const after = await before.restart();
    const two = await after.connect({ clientId: 'two' });
    await two.subscribe('$share/g/t', 1);
    await after.connect({ clientId: 'one', clean: true });
    expect(textOf(await two.message())).toBe('x');
  });

  it('[v5 MQTT-3.3.1-9] finishes the retained messages of a subscription after the process died', async () => {
    const before = await live(memoryStore(), { limits: { inFlight: 1 } });
    for (const topic of ['r/1', 'r/2', 'r/3']) before.broker.publish({ topic, payload: topic, qos: 1, retain: true });
    const first = await before.connect(persistent);
    await first.subscribe('r/+', 1);
    await first.next('publish');

    const after = await before.restart();
    const second = await after.connect(persistent);
    const topics = new Set<string>();
    while (topics.size < 3) topics.add((await second.message()).topic);
    expect([...topics]).toEqual(['r/1', 'r/2', 'r/3']);
  });

  it('writes nothing for sessions that end with their connection', async () => {
    const store = memoryStore();
    const write = jest.spyOn(store, 'write');
    const { connect } = await live(store);
    const client = await connect();
    await client.subscribe('t', 2);
    expect(await client.publishAndWait('t', 'x', { qos: 0 })).toBe(0);
    await client.message();
    client.publish('t', 'y', { qos: 2 });
    expect((await client.settle()).map(({ cmd }) => cmd)).toContain('pubrec');
    expect(write).not.toHaveBeenCalled();
  });

  it('holds messages from its own process until the store is loaded', async () => {
    const store = memoryStore();
    const before = await live(store);
    const first = await before.connect(persistent);
    await first.subscribe('t', 1);
    await first.disconnect();
    await before.broker.close();
    const broker = createBroker({ store, listeners: ['tcp://127.0.0.1:0'] });
    try {
      broker.publish({ topic: 't', payload: 'early', qos: 1 });
      const [url = ''] = await broker.listening;
      expect(textOf(await (await RawClient.connect(url, persistent)).message())).toBe('early');
    } finally {
      await broker.close();
    }
  });
});
