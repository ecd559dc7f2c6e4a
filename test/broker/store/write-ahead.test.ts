import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { createBroker } from '../../../src/broker/index.js';
import { memoryStore, type MemoryStore } from '../../../src/session/memory-store.js';
import type { Store, StoreOperation } from '../../../src/session/store.js';
import { RawClient, textOf } from '../../support/raw-client.js';
import { brokers } from '../support.js';

const start = brokers();

const persistent = { clientId: 'sub', clean: false, properties: { sessionExpiryInterval: 3600 } } as const;

/** Writes when it is told to. */
class SlowStore implements Store {
  readonly inner = memoryStore();
  private held: (() => void)[] | undefined = undefined;

  load(prefix: string): ReturnType<Store['load']> {
    return this.inner.load(prefix);
  }

  async write(operations: readonly StoreOperation[]): Promise<void> {
    if (this.held !== undefined) await new Promise<void>((resolve) => this.held?.push(resolve));
    await this.inner.write(operations);
  }

  hold(): void {
    this.held = [];
  }

  release(): void {
    const { held = [] } = this;
    this.held = undefined;
    for (const resolve of held) resolve();
  }
}

describe('the store comes before the acknowledgement', () => {
  it('PUBACK and PUBREC wait in order; QoS 0 and pings do not', async () => {
    const store = new SlowStore();
    const { connect, broker } = await start({ store, sysInterval: 0 });
    const subscriber = await connect(persistent);
    await subscriber.subscribe('t', 2);
    await subscriber.disconnect();
    const publisher = await connect();
    store.hold();
    publisher.publish('t', 'a', { qos: 2, packetId: 1 });
    publisher.publish('t', 'b', { qos: 1, packetId: 2 });
    publisher.publish('nobody', 'c', { qos: 1, packetId: 3 });
    publisher.publish('kept', 'd', { qos: 1, packetId: 4, retain: true });
    expect(await publisher.settle()).toEqual([]);
    expect(broker.counters.published).toBe(4);
    store.release();
    expect(await publisher.next('pubrec')).toMatchObject({ packetId: 1 });
    for (const packetId of [2, 3, 4]) expect(await publisher.next('puback')).toMatchObject({ packetId });
  });

  it('SUBACK waits', async () => {
    const store = new SlowStore();
    const { connect } = await start({ store, sysInterval: 0 });
    const subscriber = await connect(persistent);
    await subscriber.settle();
    store.hold();
    subscriber.send({ cmd: 'subscribe', packetId: 1, subscriptions: [{ filter: 't', qos: 1 }] });
    expect(await subscriber.settle()).toEqual([]);
    store.release();
    expect(await subscriber.next('suback')).toMatchObject({ packetId: 1 });
  });

  it('a message is delivered once its packet identifier is in the store', async () => {
    const store = new SlowStore();
    const { connect, broker } = await start({ store, sysInterval: 0 });
    const subscriber = await connect(persistent);
    await subscriber.subscribe('t', 2);
    store.hold();
    broker.publish({ topic: 't', payload: 'x', qos: 2 });
    expect(await subscriber.settle()).toEqual([]);
    store.release();
    expect(textOf(await subscriber.next('publish'))).toBe('x');
  });
});

describe('a store that fails', () => {
  it('while it is loaded keeps the broker from listening', async () => {
    const cause = new Error('no such folder');
    const store: Store = { load: () => Promise.reject(cause), write: () => Promise.resolve() };
    const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], store });
    await expect(broker.listening).rejects.toMatchObject({ code: 'STORE', cause });
    await broker.close();
  });

  it('while it is written ends the broker, and nothing is acknowledged', async () => {
    const cause = new Error('disk full');
    const store: Store = { load: () => Promise.resolve([]), write: () => Promise.reject(cause) };
    const { connect, broker } = await start({ store, sysInterval: 0 });
    const faults = lastValueFrom(broker.faults$.pipe(toArray()));
    const publisher = await connect();
    publisher.publish('kept', 'x', { qos: 1, retain: true });
    expect(await publisher.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x8b }]);
    expect(await faults).toMatchObject([{ code: 'STORE', cause }]);
  });

  it('[v4 MQTT-4.8.0-2] while it is written ends a 3.1.1 connection without an acknowledgement', async () => {
    const store: Store = { load: () => Promise.resolve([]), write: () => Promise.reject(new Error('disk full')) };
    const { connect, broker } = await start({ store, sysInterval: 0 });
    const faults = lastValueFrom(broker.faults$.pipe(toArray()));
    const publisher = await connect({ protocolVersion: 4, clientId: 'old' });
    publisher.publish('kept', 'x', { qos: 1, retain: true });
    expect(await publisher.closed()).toEqual([]);
    expect(await faults).toMatchObject([{ code: 'STORE' }]);
  });
});

describe('a damaged record', () => {
  /** A store with one session, two messages for it, and two retained messages. */
  async function filled(): Promise<MemoryStore> {
    const store = memoryStore();
    const { connect, broker } = await start({ store, sysInterval: 0 });
    const subscriber = await connect(persistent);
    await subscriber.subscribe('t/+', 1);
    await subscriber.disconnect();
    const publisher = await connect();
    for (const name of ['1', '2']) await publisher.publishAndWait(`t/${name}`, name, { qos: 1, retain: true });
    await broker.close();
    return store;
  }

  async function damage(store: MemoryStore, prefix: string): Promise<string> {
    const [record] = await store.load(`broker/2/${prefix}`);
    if (record === undefined) throw new Error(`the store holds nothing below ${prefix}`);
    const value = Uint8Array.from(record.value);
    value[value.length - 1] = (value.at(-1) ?? 0) ^ 0xff;
    await store.write([{ type: 'put', key: record.key, value }]);
    return record.key;
  }

  it.each([
    ['b/', ['2'], ['1', '2']],
    ['r/', ['1', '2'], ['2']],
    ['q/sub/r', ['2'], ['1', '2']],
    ['s/sub/m', ['1', '2'], ['1', '2']],
  ])('of %s is set aside and reported, and the others are there', async (prefix, queued, retained) => {
    const store = await filled();
    const key = await damage(store, prefix);
    const place = `broker/q/${key.slice('broker/'.length)}`;
    const broker = createBroker({ store, listeners: ['tcp://127.0.0.1:0'], sysInterval: 0 });
    // Before it listens, or when the client comes whose queue is damaged.
    const fault = firstValueFrom(broker.faults$);
    const [url = ''] = await broker.listening;
    const subscriber = await RawClient.connect(url, persistent);
    expect((await fault).message).toBe(`the stored record ${key} is damaged; it was set aside under ${place}`);
    expect(subscriber.connack.sessionPresent).toBe(true);
    for (const text of queued) expect(textOf(await subscriber.message())).toBe(text);
    expect(await subscriber.settle()).toEqual([]);
    await broker.close();
    expect((await store.load('broker/q/')).map((record) => record.key)).toEqual([place]);
    const running = await start({ store, sysInterval: 0 });
    expect((await running.connect(persistent)).connack.sessionPresent).toBe(true);
    const other = await running.connect();
    await other.subscribe('t/+', 0);
    for (const text of retained) expect(textOf(await other.message())).toBe(text);
    expect(await other.settle()).toEqual([]);
  });

  it('of a subscription loses only that subscription', async () => {
    const store = await filled();
    await damage(store, 's/sub/f');
    const running = await start({ store, sysInterval: 0 });
    const subscriber = await running.connect(persistent);
    for (const text of ['1', '2']) expect(textOf(await subscriber.message())).toBe(text);
    running.broker.publish({ topic: 't/3', payload: '3', qos: 1 });
    expect(await subscriber.settle()).toEqual([]);
  });
});
