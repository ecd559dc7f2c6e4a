import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { firstValueFrom } from 'rxjs';
import { createBroker } from '../../../src/broker/index.js';
import { encodeBody } from '../../../src/session/message-record.js';
import { encodeJson } from '../../../src/session/sealed-record.js';
import type { Store, StoreOperation } from '../../../src/session/store.js';
import { levelStore } from '../../../src/store-level/index.js';
import { bundledProgram } from '../../support/bundled-program.js';
import { textOf } from '../../support/raw-client.js';
import { brokers } from '../support.js';
import { emptyStores, ProbedStore, STORE_NAMES } from './stores.js';

const start = brokers();
const empty = emptyStores();

const persistent = { clean: false, properties: { sessionExpiryInterval: 3600 } } as const;

/** Messages of one session: so many that their conversion takes several writes. */
const MANY = 700;

/** What rxmqtt 0.1.0 has written: several sessions, shared messages, retained ones, a will that waits. */
async function fill(store: Store): Promise<void> {
  const text = await readFile(join(__dirname, 'layout-0.1.0.json'), 'utf8');
  const records = Object.entries(JSON.parse(text) as Record<string, string>);
  await store.write(records.map(([key, value]) => ({ type: 'put', key, value: Buffer.from(value, 'base64') })));
}

/** The same with one session more, by hand. */
async function fillMany(store: Store): Promise<void> {
  await fill(store);
  const operations: StoreOperation[] = [];
  const put = (key: string, value: Uint8Array): number => operations.push({ type: 'put', key: `broker/${key}`, value });
  const digits = (number: number): string => String(number).padStart(15, '0');
  put('s/many/m', encodeJson({ expiryInterval: -1, leftAt: 0 }));
  for (let index = 0; index < MANY; index++) {
    const [body, key] = [1000 + 2 * index, 1001 + 2 * index];
    const payload = Buffer.from(String(index));
    const message = { topic: 'many', payload, qos: 1, retain: false, properties: undefined, acceptedAt: 0 } as const;
    put(`b/${digits(body)}`, encodeBody(message));
    put(`s/many/r${digits(key)}`, encodeJson({ body, qos: 1, retain: false }));
  }
  await store.write(operations);
}

/** Everything that the fixture stands for is there. */
async function expectAll(store: Store): Promise<void> {
  const { broker, connect } = await start({ store, sysInterval: 0 });
  const sub = await connect({ ...persistent, clientId: 'sub' });
  expect(sub.connack.sessionPresent).toBe(true);
  const open = await sub.message();
  expect([textOf(open), open.dup, open.packetId, open.qos]).toEqual(['open', true, 1, 1]);
  expect((await sub.next('pubrel')).packetId).toBe(2);
  sub.ack('pubcomp', 2);
  const [waits, shared] = [await sub.next('publish'), await sub.next('publish')];
  expect([textOf(waits), waits.dup, waits.qos]).toEqual(['waits', false, 2]);
  expect(waits.properties).toEqual({ contentType: 'text', subscriptionIdentifier: 7 });
  expect([textOf(shared), shared.dup, shared.qos]).toEqual(['shared', false, 1]);
  sub.ack('puback', shared.packetId);
  sub.ack('pubrec', waits.packetId);
  await sub.next('pubrel');
  sub.ack('pubcomp', waits.packetId);
  sub.publish('t/again', 'once', { qos: 2, packetId: 9, dup: true });
  expect(await sub.next('pubrec')).toMatchObject({ packetId: 9, reasonCode: 0 });
  sub.ack('pubrel', 9);
  expect(await sub.next('pubcomp')).toMatchObject({ packetId: 9, reasonCode: 0 });
  expect(await sub.settle()).toEqual([]);

  const other = await connect({ ...persistent, clientId: 'other/é' });
  for (const text of ['open', 'released', 'waits', 'bye']) expect(textOf(await other.message())).toBe(text);
  expect(await other.settle()).toEqual([]);

  const newcomer = await connect({ clientId: 'newcomer' });
  await newcomer.subscribe('r/+', 1);
  const retained = [await newcomer.message(), await newcomer.message()];
  expect(retained.map((message) => [message.topic, textOf(message), message.properties])).toEqual([
    ['r/1', 'first', { contentType: 'text' }],
    ['r/2', 'second', undefined],
  ]);
  for (const client of [sub, other]) await client.disconnect(0, 0);
  await broker.close();
}

async function expectMany(store: Store): Promise<void> {
  const { broker, connect } = await start({ store, sysInterval: 0, limits: { inFlight: 65535 } });
  const many = await connect({ ...persistent, clientId: 'many' });
  for (let index = 0; index < MANY; index++) expect(textOf(await many.message())).toBe(String(index));
  expect(await many.settle()).toEqual([]);
  await many.disconnect(0, 0);
  await broker.close();
}

const OLD = ['broker/b/', 'broker/r/', 'broker/s/'];

async function oldRecords(store: Store): Promise<number> {
  const all = await Promise.all(OLD.map((prefix) => store.load(prefix)));
  return all.flat().length;
}

describe.each(STORE_NAMES)('a store of rxmqtt 0.1.0 (%s)', (name) => {
  let store: ProbedStore;

  beforeEach(async () => {
    store = new ProbedStore(await empty(name));
  });

  it('is converted completely', async () => {
    await fill(store);
    await expectAll(store);
    expect(await oldRecords(store)).toBe(0);
    // What is left: the session whose will was published, and what is retained.
    expect(await store.keys()).toEqual(['broker/2/r/r%2F1', 'broker/2/r/r%2F2', 'broker/2/s/gone/m']);
  });

  it('is converted once', async () => {
    await fillMany(store);
    await (await start({ store, sysInterval: 0 })).broker.close();
    expect(await oldRecords(store)).toBe(0);
    const before = store.writes;
    await (await start({ store, sysInterval: 0 })).broker.close();
    expect(store.writes - before).toBe(0);
    await expectAll(store);
    await expectMany(store);
  });

  it('sets damaged records aside and reports them', async () => {
    await fill(store);
    const [record] = await store.load('broker/s/sub/r');
    if (record === undefined) throw new Error('the fixture has no message');
    await store.write([{ type: 'put', key: record.key, value: record.value.map((byte) => byte ^ 1) }]);
    const broker = createBroker({ store, sysInterval: 0 });
    const fault = firstValueFrom(broker.faults$);
    await broker.listening;
    const aside = `broker/q/${record.key.slice('broker/'.length)}`;
    expect((await fault).message).toBe(`the stored record ${record.key} is damaged; it was set aside under ${aside}`);
    await broker.close();
    expect((await store.load('broker/q/')).map(({ key }) => key)).toEqual([aside]);
    const { connect } = await start({ store, sysInterval: 0 });
    const sub = await connect({ ...persistent, clientId: 'sub' });
    expect((await sub.next('pubrel')).packetId).toBe(2);
    for (const text of ['waits', 'shared']) expect(textOf(await sub.next('publish'))).toBe(text);
  });

  it('is converted again when a process dies at any point of the conversion', async () => {
    for (let writes = 0; ; writes++) {
      const inner = new ProbedStore(await empty(name));
      await fillMany(inner);
      inner.writesLeft = writes;
      const broker = createBroker({ store: inner, sysInterval: 0 });
      const died = await broker.listening.then(
        () => false,
        () => true,
      );
      await broker.close();
      inner.writesLeft = Infinity;
      await expectAll(inner);
      await expectMany(inner);
      expect(await oldRecords(inner)).toBe(0);
      if (!died) {
        // In two parts at least, the record that says it is done, and the old ones.
        expect(writes).toBeGreaterThanOrEqual(5);
        return;
      }
    }
  }, 60_000);
});

test('a store of a later version is not changed', async () => {
  const store = new ProbedStore(await empty('memory'));
  await store.write([{ type: 'put', key: 'broker/layout', value: encodeJson({ version: 3, numbers: 7 }) }]);
  const broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], store });
  const failure = await broker.listening.catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'STORE' });
  expect((failure as { cause: Error }).cause.message).toBe(
    'the store has layout 3, and this version of rxmqtt writes 2; use the version that wrote it',
  );
  await broker.close();
  expect(store.writes).toBe(1);
});

test('a store without a layout record continues after its highest number', async () => {
  const store = new ProbedStore(await empty('memory'));
  await fill(store);
  await (await start({ store, sysInterval: 0 })).broker.close();
  await store.write([{ type: 'put', key: 'broker/layout', value: new Uint8Array([1, 2, 3]) }]);
  const { broker, connect } = await start({ store, sysInterval: 0 });
  broker.publish({ topic: 't/4', payload: 'new', qos: 1 });
  const other = await connect({ ...persistent, clientId: 'other/é' });
  for (const text of ['open', 'released', 'waits']) expect(textOf(await other.message())).toBe(text);
  // The will is due at once, on a timer.
  const last = [textOf(await other.message()), textOf(await other.message())];
  expect(last.sort()).toEqual(['bye', 'new']);
  expect(await other.settle()).toEqual([]);
});

describe('SIGKILL in the middle of the conversion of a LevelDB', () => {
  const program = bundledProgram(join(__dirname, 'broker-process.ts'));
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rxmqtt-broker-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Opens the database for a moment. */
  async function inStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
    const database = new ClassicLevel(folder);
    try {
      return await use(levelStore(database));
    } finally {
      await database.close();
    }
  }

  it.each([1, 3, 5])(
    'at write %i loses nothing',
    async (write) => {
      await inStore(fillMany);
      const child = spawn(process.execPath, [program, folder, '0', String(write)], {
        cwd: join(__dirname, '../../..'),
      });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      await inStore(async (store) => {
        expect(await oldRecords(store)).toBeGreaterThan(0);
        await expectAll(store);
        await expectMany(store);
      });
    },
    60_000,
  );
});
