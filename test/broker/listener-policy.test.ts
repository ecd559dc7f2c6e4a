import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstValueFrom } from 'rxjs';
import { mqttTest } from 'rxmqtt/testing';
import { createBroker, type ListenerOptions } from '../../src/broker/index.js';
import { connectPacket, RawClient, textOf } from '../support/raw-client.js';
import { brokers, type RunningBroker } from './support.js';

const start = brokers();
const lasting = { clean: false, properties: { sessionExpiryInterval: 60 } };

/** A broker with one listener of its own policy, and one without. */
const listening = (policy: Omit<ListenerOptions, 'url'>, options: object = {}): Promise<RunningBroker> =>
  start({ listeners: [{ url: 'tcp://127.0.0.1:0', ...policy }, 'tcp://127.0.0.1:0'], sysInterval: 0, ...options });

describe('maxQos', () => {
  test('holds for the clients of one listener, and the lower one of listener and principal', async () => {
    const { connect, urls } = await listening(
      { maxQos: 1 },
      {
        authenticate: ({ username }: { username?: string }) =>
          username === undefined ? true : { maxQos: Number(username) },
      },
    );
    expect((await connect()).connack.properties?.maximumQoS).toBe(1);
    expect((await connect({ username: '0' })).connack.properties?.maximumQoS).toBe(0);
    expect((await connect({ username: '2' })).connack.properties?.maximumQoS).toBe(1);
    const other = await RawClient.connect(urls[1] ?? '');
    expect(other.connack.properties).not.toHaveProperty('maximumQoS');
    expect(await other.publishAndWait('t', '', { qos: 2 })).toBe(0x10);
  });
});

describe('retainAvailable: false', () => {
  test('[v5 MQTT-3.2.2-14] is told, and a retained PUBLISH ends the connection with 0x9a', async () => {
    const { connect, urls } = await listening({ retainAvailable: false });
    const client = await connect();
    expect(client.connack.properties?.retainAvailable).toBe(false);
    expect(await client.publishAndWait('t', '', { qos: 1 })).toBe(0x10);
    client.publish('t', 'x', { retain: true });
    expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x9a }]);
    const other = await RawClient.connect(urls[1] ?? '');
    expect(other.connack.properties).not.toHaveProperty('retainAvailable');
    await other.subscribe('t', 0);
    expect(await other.settle()).toEqual([]);
  });

  test('sends no retained messages, and live ones all the same', async () => {
    const { connect, broker } = await listening({ retainAvailable: false });
    broker.publish({ topic: 't', payload: 'retained', retain: true });
    const client = await connect();
    await client.subscribe('t', 0);
    broker.publish({ topic: 't', payload: 'live' });
    expect(textOf(await client.message())).toBe('live');
  });

  test.each([
    [5, 0x9a],
    [4, 5],
  ] as const)('[v5 MQTT-3.2.2-13] a retained will refuses the connection on version %i: %i', async (version, code) => {
    const { open } = await listening({ retainAvailable: false });
    const client = await open(version);
    const will = { topic: 't', payload: Buffer.from(''), qos: 0, retain: true } as const;
    client.send(connectPacket({ protocolVersion: version, clientId: 'c', will }));
    expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: code }]);
  });

  test('closes the connection of a 3.1.1 client that publishes one', async () => {
    const { connect } = await listening({ retainAvailable: false });
    const client = await connect({ protocolVersion: 4, clientId: 'old' });
    client.publish('t', 'x', { retain: true });
    expect(await client.closed()).toEqual([]);
  });
});

describe('receiveMaximum', () => {
  test('is told, and one more message in flight ends the connection with 0x93', async () => {
    const { connect, urls } = await listening({ receiveMaximum: 2 });
    const client = await connect();
    expect(client.connack.properties?.receiveMaximum).toBe(2);
    for (const topic of ['a', 'b']) await client.publishAndWait(topic, '', { qos: 1 });
    for (let count = 0; count < 3; count++) client.publish('t', '', { qos: 2 });
    const packets = await client.closed();
    expect(packets.at(-1)).toMatchObject({ cmd: 'disconnect', reasonCode: 0x93 });
    const other = await RawClient.connect(urls[1] ?? '');
    expect(other.connack.properties?.receiveMaximum).toBe(1000);
  });
});

describe('queue', () => {
  const payloads = async (client: RawClient, count: number): Promise<string[]> => {
    const texts: string[] = [];
    for (let index = 0; index < count; index++) texts.push(textOf(await client.message()));
    expect(await client.settle()).toEqual([]);
    return texts;
  };

  test.each([
    [undefined, ['0', '1', '2']],
    ['drop-newest', ['0', '1', '2']],
    ['drop-oldest', ['2', '3', '4']],
  ] as const)('bounds what waits for the sessions of a listener, with overflow %s', async (overflow, kept) => {
    const queue = { queuedMessages: 3, ...(overflow && { overflow }) };
    const { connect, broker, urls } = await listening({ queue });
    const client = await connect({ clientId: 'c', ...lasting });
    const other = await RawClient.connect(urls[1] ?? '', { clientId: 'o', ...lasting });
    for (const one of [client, other]) {
      await one.subscribe('t', 1);
      await one.disconnect();
    }
    for (let count = 0; count < 5; count++) broker.publish({ topic: 't', payload: String(count), qos: 1 });
    expect(broker.counters.droppedQueueFull).toBe(2);
    expect(await payloads(await connect({ clientId: 'c', ...lasting }), 3)).toEqual(kept);
    const again = await RawClient.connect(urls[1] ?? '', { clientId: 'o', ...lasting });
    expect(await payloads(again, 5)).toHaveLength(5);
  });

  test('drop-oldest keeps to the bytes, too, and drops nothing for what never fits', async () => {
    const { connect, broker } = await listening({ queue: { queuedBytes: 35, overflow: 'drop-oldest' } });
    const client = await connect({ clientId: 'c', ...lasting });
    await client.subscribe('t', 1);
    await client.disconnect();
    for (const letter of ['a', 'b', 'c']) broker.publish({ topic: 't', payload: letter.repeat(15), qos: 1 });
    broker.publish({ topic: 't', payload: 'x'.repeat(50), qos: 1 });
    expect(await payloads(await connect({ clientId: 'c', ...lasting }), 2)).toEqual(['b'.repeat(15), 'c'.repeat(15)]);
    expect(broker.counters.droppedQueueFull).toBe(2);
  });

  test('drop-oldest leaves what is in flight, and disconnects no slow client', async () => {
    const { connect, broker } = await listening({ queue: { queuedMessages: 2, overflow: 'drop-oldest' } });
    const client = await connect({ clientId: 'c', ...lasting, properties: { receiveMaximum: 1 } });
    await client.subscribe('t', 1);
    // Beyond what a client that keeps up is sent without a look at its limits.
    for (let count = 0; count < 6; count++) broker.publish({ topic: 't', payload: `${count}`.repeat(9000), qos: 1 });
    const texts = [textOf(await client.message()), textOf(await client.message()), textOf(await client.message())];
    expect(texts.map(([first]) => first)).toEqual(['0', '4', '5']);
    expect(broker.counters.slowConsumers).toBe(0);
  });

  test('goes with the client: at another listener, its session has the bounds of that one', async () => {
    const { connect, broker, urls } = await listening({ queue: { queuedMessages: 1 } });
    const client = await connect({ clientId: 'c', ...lasting });
    await client.subscribe('t', 1);
    await client.disconnect();
    const elsewhere = await RawClient.connect(urls[1] ?? '', { clientId: 'c', ...lasting });
    await elsewhere.disconnect();
    for (let count = 0; count < 5; count++) broker.publish({ topic: 't', payload: String(count), qos: 1 });
    expect(broker.counters.droppedQueueFull).toBe(0);
  });
});

test.each([
  [{ maxQos: 3 }, /maxQos is 3/],
  [{ retainAvailable: 'no' }, /retainAvailable is/],
  [{ receiveMaximum: 0 }, /receiveMaximum is 0/],
  [{ queue: { overflow: 'wait' } }, /overflow is/],
  [{ queue: { queueMessages: 1 } }, /did you mean/],
])('a listener refuses %j', (policy, message) => {
  expect(() => createBroker({ listeners: [{ url: 'tcp://127.0.0.1:0', ...policy } as never] })).toThrow(message);
});

describe('limits.keepalive on 3.1 and 3.1.1', () => {
  test.each([
    [3, 0],
    [3, 3600],
    [4, 0],
    [4, 3600],
  ] as const)(
    'ends a silent connection on version %i with a keep-alive of %i s',
    async (protocolVersion, keepalive) => {
      await mqttTest(
        async (t) => {
          const ends: unknown[] = [];
          t.broker.disconnected$.subscribe(({ how, client }) => ends.push([t.now, how, client.keepalive]));
          t.connect({ clientId: 'c', protocolVersion, keepalive, reconnect: false });
          await t.to(10);
          t.broker.line('c').freeze('1h');
          await t.to('10m');
          expect(ends).toEqual([[expect.closeTo(45_001, -1), 'lost', 30]]);
        },
        { broker: { limits: { keepalive: 30 } } },
      );
    },
  );

  test('leaves a client alone that sends something in time', async () => {
    await mqttTest(
      async (t) => {
        const client = t.connect({ clientId: 'c', protocolVersion: 4, keepalive: 25, reconnect: false });
        await t.to('10m');
        expect(client.state.status).toBe('connected');
      },
      { broker: { limits: { keepalive: 30 } } },
    );
  });
});

describe('a Unix socket', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rxmqtt-'));
    path = join(folder, 'mqtt.sock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('whose file nothing listens at is replaced', async () => {
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', script]), 'exit');
    expect(lstatSync(path).isSocket()).toBe(true);
    const { connect, urls } = await start({ listeners: [`unix:${path}`] });
    expect(urls).toEqual([`unix:${path}`]);
    expect((await connect()).connack.reasonCode).toBe(0);
  });

  test('that another process uses stays its own', async () => {
    const first = await start({ listeners: [`unix:${path}`] });
    const second = createBroker({ listeners: [`unix:${path}`] });
    await expect(second.listening).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } });
    expect((await first.connect()).connack.reasonCode).toBe(0);
    await second.close();
    expect(existsSync(path)).toBe(true);
  });

  test('does not take the place of any other file', async () => {
    writeFileSync(path, 'precious');
    const broker = createBroker({ listeners: [`unix:${path}`] });
    await expect(broker.listening).rejects.toMatchObject({ cause: { code: 'EADDRINUSE' } });
    expect(readFileSync(path, 'utf8')).toBe('precious');
    await broker.close();
  });
});

describe('MQTT 3.1', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

  test('bits that are not used there are not refused, from CONNECT to DISCONNECT', async () => {
    const { open, broker } = await start({ sysInterval: 0 });
    const connected = firstValueFrom(broker.connected$);
    const ended = firstValueFrom(broker.disconnected$);
    const client = await open(3);
    client.send(bytes('1f0f 0006 4d5149736470 03 3b 0000 0001 63'));
    expect(await client.next('connack')).toMatchObject({ reasonCode: 0 });
    expect(await connected).toMatchObject({ clientId: 'c', protocolVersion: 3 });
    client.send(bytes('8306 0001 0001 61 fd'));
    expect((await client.next('suback')).reasonCodes).toEqual([1]);
    broker.publish({ topic: 'a', payload: 'x', qos: 1 });
    const { packetId } = await client.next('publish');
    client.send(bytes(`4f02 ${packetId.toString(16).padStart(4, '0')}`));
    client.send(bytes('ab05 0002 0001 61'));
    expect((await client.next('unsuback')).packetId).toBe(2);
    client.send(bytes('cf00'));
    await client.next('pingresp');
    client.send(bytes('ef00'));
    expect(await ended).toMatchObject({ how: 'disconnect' });
  });

  test.each([
    [4, '110d 0004 4d515454 04 02 0000 0001 63'],
    [4, '100d 0004 4d515454 04 03 0000 0001 63'],
    [5, '110e 0004 4d515454 05 02 0000 00 0001 63'],
    [5, '100e 0004 4d515454 05 03 0000 00 0001 63'],
  ] as const)('[v4 MQTT-3.1.2-3] they are on version %i', async (version, connect) => {
    const { open } = await start();
    const client = await open(version);
    client.send(bytes(connect));
    expect(await client.closed()).not.toContainEqual(expect.objectContaining({ cmd: 'connack', reasonCode: 0 }));
  });
});

describe.each([3, 4] as const)('a bridge on version %i', (protocolVersion) => {
  test('is accepted, gets nothing back that it has sent, and the retain flag as it was', async () => {
    const { connect } = await start({ sysInterval: 0 });
    const bridge = await connect({ protocolVersion, clientId: 'bridge', bridge: true });
    expect(bridge.connack.reasonCode).toBe(0);
    await bridge.subscribe('#', 1);
    await bridge.publishAndWait('t', 'own', { qos: 1 });
    const other = await connect({ clientId: 'other' });
    await other.publishAndWait('t', 'kept', { qos: 1, retain: true });
    expect(await bridge.message()).toMatchObject({ topic: 't', payload: Buffer.from('kept'), retain: true });
    expect(await bridge.settle()).toEqual([]);
  });
});
