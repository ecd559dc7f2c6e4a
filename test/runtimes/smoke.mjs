/**
 * What applications do with the package, on whatever runtime runs this file: a line of JSON for each feature that was
 * tried. Takes the folder of the certificates. Runs beside an installation of the tarball, rxjs and classic-level.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import {
  concatMap,
  filter,
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  range,
  take,
  timeout,
  timer,
  toArray,
} from 'rxjs';
import { connect, durable } from 'rxmqtt';
import { createBroker } from 'rxmqtt/broker';
import { levelStore } from 'rxmqtt/store-level';

const [, , certificates] = process.argv;
const [ca, cert, key] = await Promise.all(
  ['ca.crt', 'server.crt', 'server.key'].map((name) => readFile(join(certificates, name), 'utf8')),
);
const LIMIT = 15_000;
const QUICKLY = { minDelay: 50, maxDelay: 50 };
const folder = await mkdtemp(join(tmpdir(), 'rxmqtt-smoke-'));

const first = (source) => firstValueFrom(source.pipe(timeout(LIMIT)));
const all = (source) => lastValueFrom(source.pipe(toArray(), timeout(LIMIT)));
const texts = (source, count) =>
  all(
    source.pipe(
      take(count),
      map((message) => message.text()),
    ),
  );
const isActive = (client, topicFilter) => first(client.granted(topicFilter));
const status = (client, wanted) => first(client.state$.pipe(filter((state) => state.status === wanted)));

/** Listens on a free port of each kind, and hands over the addresses. */
async function withBroker(listeners, use, options = {}) {
  const broker = createBroker({ listeners, tls: { cert, key }, ...options });
  try {
    return await use(broker, ...(await broker.listening));
  } finally {
    await broker.close();
  }
}

/** Subscribes, publishes a message of each QoS and a large one, and receives them. */
async function exchange(url, library = { connect }) {
  const client = library.connect(url.replace('127.0.0.1', 'localhost'), { reconnect: false, tls: { ca } });
  const received = texts(client.subscribe('hall/+/temperature', { qos: 2 }), 4);
  await isActive(client, 'hall/+/temperature');
  const sent = [...[0, 1, 2].map((qos) => [`2${qos},5 °C`, qos]), ['x'.repeat(300_000), 1]];
  await all(from(sent).pipe(concatMap(([payload, qos]) => client.publish('hall/7/temperature', payload, { qos }))));
  assert.deepEqual(
    await received,
    sent.map(([payload]) => payload),
  );
  await client.end();
  assert.equal(client.state.status, 'ended');
}

/** Each message of each QoS once, in order, while many are in flight. */
async function qos() {
  await withBroker(['tcp://127.0.0.1:0'], async (server, url) => {
    const client = connect(url);
    for (const level of [0, 1, 2]) {
      const received = texts(client.subscribe(`count/${level}`, { qos: level }), 500);
      await isActive(client, `count/${level}`);
      const numbers = await all(range(0, 500).pipe(map(String)));
      await Promise.all(numbers.map((text) => first(client.publish(`count/${level}`, text, { qos: level }))));
      assert.deepEqual(await received, numbers);
    }
    await client.end();
  });
}

/** The line is cut, then the broker goes away and comes back: the subscription and the messages outlive both. */
async function reconnect() {
  let port = 0;
  const client = await withBroker(['tcp://127.0.0.1:0'], async (server, url) => {
    port = new URL(url).port;
    const connected = connect(url, { clientId: 'hall-7', reconnect: QUICKLY });
    const received = texts(connected.subscribe('cut', { qos: 1 }), 1);
    await isActive(connected, 'cut');
    server.dropConnections();
    await first(connected.publish('cut', 'after the cut', { qos: 1 }));
    assert.deepEqual(await received, ['after the cut']);
    return connected;
  });
  await status(client, 'reconnecting');
  const received = texts(client.subscribe('restart', { qos: 1 }), 1);
  const published = first(client.publish('restart', 'while it was away', { qos: 1 }));
  await withBroker([`tcp://127.0.0.1:${port}`], async () => {
    await published;
    assert.deepEqual(await received, ['while it was away']);
    await client.end();
  });
}

/** A message that was published without a broker is in the database, and a later client sends it. */
async function store() {
  const path = join(folder, 'client');
  const options = { clientId: 'hall-7', clean: false, sessionExpiry: 60 };
  const unreachable = 'mqtt://127.0.0.1:9';
  const before = new ClassicLevel(path);
  const kept = levelStore(before);
  const offline = connect(unreachable, { ...options, reconnect: QUICKLY, log: false, store: durable(kept) });
  offline.publish('queue', 'from an earlier run', { qos: 1 }).subscribe({ error: () => undefined });
  await first(
    timer(0, 20).pipe(
      concatMap(() => kept.load('')),
      filter((records) => records.length > 0),
    ),
  );
  await offline.end({ force: true });
  await before.close();

  const after = new ClassicLevel(path);
  await withBroker(['tcp://127.0.0.1:0'], async (server, url) => {
    const published = first(server.published$.pipe(map(({ message }) => new TextDecoder().decode(message.payload))));
    const client = connect(url, { ...options, store: durable(levelStore(after)) });
    assert.equal(await published, 'from an earlier run');
    await client.end();
  });
  await after.close();
}

/** Retained messages, a will, refusals, and a session that outlives the broker in its store. */
async function broker() {
  const path = join(folder, 'broker');
  const authenticate = ({ username }) => username === 'hall';
  const options = { username: 'hall', clean: false, sessionExpiry: 60, clientId: 'sleeper' };
  const opened = async (use) => {
    const database = new ClassicLevel(path);
    await withBroker(['tcp://127.0.0.1:0'], use, { authenticate, store: levelStore(database) });
    await database.close();
  };
  await opened(async (server, url) => {
    const refused = connect(url, { username: 'stranger', log: false });
    await status(refused, 'ended');
    assert.equal(refused.state.reason.reasonCode, 0x86);

    const sleeper = connect(url, options);
    sleeper.subscribe('work/#', { qos: 1 }).subscribe();
    await isActive(sleeper, 'work/#');
    await sleeper.end();

    const awake = connect(url, { username: 'hall' });
    const wills = texts(awake.subscribe('wills/hall'), 1);
    await isActive(awake, 'wills/hall');
    const mortal = connect(url, {
      username: 'hall',
      clientId: 'mortal',
      reconnect: false,
      will: { topic: 'wills/hall', payload: 'gone' },
    });
    await status(mortal, 'connected');
    server.dropConnections('mortal');
    assert.deepEqual(await wills, ['gone']);
    await first(awake.publish('work/1', 'while asleep', { qos: 1, retain: true }));
    await awake.end();
  });
  await opened(async (server, url) => {
    const sleeper = connect(url, options);
    assert.deepEqual(await texts(sleeper.messages$, 1), ['while asleep']);
    await sleeper.end();
    const late = connect(url, { username: 'hall' });
    const [retained] = await all(late.subscribe('work/1').pipe(take(1)));
    assert.deepEqual([retained.text(), retained.retain], ['while asleep', true]);
    await late.end();
  });
}

/** The other build of the package. */
async function commonJs() {
  const require = createRequire(import.meta.url);
  await withBroker(['tcp://127.0.0.1:0'], (server, url) => exchange(url, require('rxmqtt')));
}

const over = (listener) => () => withBroker([listener], (server, url) => exchange(url));
const FEATURES = {
  TCP: over('tcp://127.0.0.1:0'),
  TLS: over('mqtts://127.0.0.1:0'),
  WebSocket: over('ws://127.0.0.1:0/mqtt'),
  'WebSocket over TLS': over('wss://127.0.0.1:0/mqtt'),
  'QoS 0 to 2': qos,
  reconnect,
  store,
  broker,
  CommonJS: commonJs,
};

for (const [feature, use] of Object.entries(FEATURES)) {
  let problem = '';
  try {
    await use();
  } catch (error) {
    problem = String(error.stack ?? error);
  }
  console.log(JSON.stringify({ feature, problem }));
}
await rm(folder, { recursive: true, force: true });
