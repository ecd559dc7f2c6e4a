import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { WebSocket } from 'ws';
import { connect } from '../../src/index.js';
import { makeCertificates } from '../support/certificates.js';
import { connectPacket, type RawClient } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();
const { ca, server } = makeCertificates();
const tls = { cert: server.cert, key: server.key };
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Opens sockets that say nothing; resolves once all are open. */
async function silent(url: string, count: number): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(url);
  const opened = Array.from({ length: count }, () => {
    const socket = dial({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    sockets.push(socket);
    // Reads, so that it sees the end.
    return socket.resume();
  });
  await Promise.all(opened.map((socket) => once(socket, 'connect')));
  return opened;
}

const closed = (socket: Socket): Promise<unknown> => (socket.closed ? Promise.resolve() : once(socket, 'close'));

describe.each(['tcp://127.0.0.1:0', 'mqtts://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt', 'wss://127.0.0.1:0/mqtt'])(
  'silent sockets at %s',
  (url) => {
    test('count among the connections from the moment they are accepted', async () => {
      const { broker, urls } = await start({ listeners: [url], tls, limits: { connections: 10, ownerShare: 1 } });
      const opened = await silent(urls[0] ?? '', 200);
      let left = opened.length;
      for (const socket of opened) void closed(socket).then(() => left--);
      await Promise.race(opened.map(closed));
      while (left > 10) await new Promise((resolve) => setImmediate(resolve));
      expect(left).toBe(10);
      expect(broker.counters.refused).toBe(190);
    });

    test('have the time that a connection has', async () => {
      const { urls } = await start({ listeners: [url], tls, limits: { connectTimeout: 200 } });
      const [socket] = await silent(urls[0] ?? '', 1);
      const began = performance.now();
      await closed(socket as Socket);
      expect(performance.now() - began).toBeLessThan(2000);
    });

    test('make room for others when they close', async () => {
      const { urls } = await start({ listeners: [url], tls, limits: { connections: 1 } });
      const [socket] = await silent(urls[0] ?? '', 1);
      socket?.destroy();
      const client = connect(urls[0] ?? '', { tls: { ca: ca.cert }, reconnect: { minDelay: 10 } });
      await firstValueFrom(client.publish('t', '', { qos: 1 }));
      await client.end();
    });
  },
);

test('the time of a connection includes its handshakes', async () => {
  const { urls } = await start({ listeners: ['ws://127.0.0.1:0/mqtt'], limits: { connectTimeout: 400 } });
  const [socket] = await silent(urls[0] ?? '', 1);
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 300));
  socket?.write(
    'GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [upgraded] = (await once(socket as Socket, 'data')) as [Buffer];
  expect(upgraded.toString()).toMatch(/^HTTP\/1.1 101 /);
  // The frame that closes.
  const [frame] = (await once(socket as Socket, 'data')) as [Buffer];
  expect(frame[0]).toBe(0x88);
  expect(performance.now() - began).toBeLessThan(700);
});

describe('the first packet', () => {
  test('is a CONNECT by its first byte, or the connection ends', async () => {
    const { open } = await start();
    const client = await open();
    // The beginning of a PUBLISH of 16 MiB.
    client.send(Buffer.from('30fffffe07', 'hex'));
    expect(await client.closed()).toEqual([]);
  });

  test('is at most 64 KiB besides its will', async () => {
    const { connect: admitted, open } = await start();
    const will = { topic: 'gone', payload: new Uint8Array(65_535), qos: 0, retain: false } as const;
    const large = new Uint8Array(50_000);
    await admitted({ username: 'u', password: large, will });
    for (const more of [{}, { will }]) {
      const client = await open();
      client.send(connectPacket({ username: 'u'.repeat(20_000), password: large, ...more }));
      expect(await client.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x95 }]);
    }
  });

  test('is not waited for when its header announces more', async () => {
    const { open } = await start();
    const client = await open();
    client.send(Buffer.from('10ffffff07', 'hex'));
    client.send(Buffer.from('00044d515454', 'hex'));
    expect(await client.closed()).toEqual([]);
  });

  test('does not let a WebSocket message grow', async () => {
    const { urls, broker } = await start({
      listeners: ['ws://127.0.0.1:0/mqtt'],
      limits: { connectTimeout: 4000 },
    });
    const socket = new WebSocket(urls[0] ?? '', 'mqtt', { perMessageDeflate: false });
    await once(socket, 'open');
    socket.on('error', () => undefined);
    const before = process.memoryUsage();
    // Fragments of one message that does not end.
    const part = new Uint8Array(256 * 1024);
    for (let sent = 0; sent < 64; sent++) socket.send(part, { fin: false });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(socket.bufferedAmount).toBeGreaterThan(8 << 20);
    await once(socket, 'close');
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(64 << 20);
    expect(broker.counters.connections).toBe(1);
  });

  test('does not let a WebSocket message grow behind its refusal', async () => {
    const { urls, broker } = await start({ listeners: ['ws://127.0.0.1:0/mqtt'], authenticate: () => false });
    // One that ignores the close frame.
    const socket = dial(Number(new URL(urls[0] ?? '').port), '127.0.0.1').on('error', () => undefined);
    const head = ['GET /mqtt HTTP/1.1', 'Host: here', 'Connection: Upgrade', 'Upgrade: websocket'];
    const key = ['Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${'A'.repeat(22)}==`, 'Sec-WebSocket-Protocol: mqtt'];
    socket.write([...head, ...key, '', ''].join('\r\n'));
    await once(socket, 'data');
    // CONNECT of 3.1.1 in a frame with an empty mask, then a message of 32 MiB in another one.
    socket.write(Buffer.from('828e00000000100c00044d515454040200000000', 'hex'));
    await once(socket, 'data');
    expect(broker.counters.refused).toBe(1);
    socket.write(Buffer.from('82ff000000000200000000000000', 'hex'));
    const end = new Promise((resolve) => socket.once('close', resolve));
    const part = new Uint8Array(256 * 1024);
    let taken = 0;
    for (let sent = 0; sent < 120; sent++) socket.write(part, (error) => (taken += error ? 0 : part.length));
    await end;
    expect(taken).toBeLessThan(20 << 20);
  });
});

test('a packet behind a CONNECT that is being decided waits outside, and is served afterwards', async () => {
  let decide: (answer: boolean) => void = () => undefined;
  const { open, broker } = await start({
    authenticate: () => new Promise<boolean>((resolve) => (decide = resolve)),
  });
  const got = firstValueFrom(broker.published$);
  const client = await open();
  client.send(connectPacket({ clientId: 'a' }));
  client.publish('large', new Uint8Array(4 << 20));
  await new Promise((resolve) => setTimeout(resolve, 100));
  decide(true);
  expect((await client.next('connack')).reasonCode).toBe(0);
  expect((await got).message.payload.length).toBe(4 << 20);
});

describe('too much in one packet', () => {
  const pairs = (count: number): [string, string][] => Array.from({ length: count }, () => ['', '']);

  test('ends the connection: user properties', async () => {
    const { connect: admitted, open } = await start();
    const client = await admitted();
    client.publish('t', '', { properties: { userProperties: pairs(500) } });
    expect(await client.settle()).toEqual([]);
    client.publish('t', '', { properties: { userProperties: pairs(501) } });
    expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x97 }]);
    const other = await open();
    other.send(connectPacket({ properties: { userProperties: pairs(501) } }));
    expect(await other.closed()).toMatchObject([{ cmd: 'connack', reasonCode: 0x97 }]);
  });

  test('ends the connection: filters', async () => {
    const { connect: admitted } = await start({ limits: { filters: 100 } });
    for (const over of ['subscribe', 'unsubscribe'] as const) {
      const client = await admitted();
      const filters = Array.from({ length: 101 }, () => 'a');
      expect((await client.subscribe(filters.slice(1), 0)).reasonCodes).toHaveLength(100);
      if (over === 'unsubscribe') client.send({ cmd: 'unsubscribe', packetId: 7, filters });
      else client.send({ cmd: 'subscribe', packetId: 7, subscriptions: filters.map((filter) => ({ filter, qos: 0 })) });
      expect(await client.closed()).toMatchObject([{ cmd: 'disconnect', reasonCode: 0x97 }]);
    }
  });

  test.each([
    ['CONNECT with as many user properties as fit', connectOf],
    ['SUBSCRIBE with as many equal filters as fit', subscribeOf],
  ])('does not block the event loop: %s', async (_name, make) => {
    const { connect: admitted, open } = await start();
    const packet = make(16 << 20);
    const healthy = await admitted();
    const attacker = packet[0] === 0x10 ? await open() : await admitted();
    const alone = await roundTrips(healthy);
    attacker.send(packet);
    const meanwhile = roundTrips(healthy);
    await attacker.closed(20_000);
    // The machine copies 16 MiB meanwhile; before, the longest of these took seconds.
    expect(await meanwhile).toBeLessThan(alone * 20 + 300);
  });
});

/** The longest of some round trips, in ms. */
async function roundTrips(client: RawClient): Promise<number> {
  let longest = 0;
  for (let index = 0; index < 50; index++) {
    const began = performance.now();
    await client.settle();
    longest = Math.max(longest, performance.now() - began);
  }
  return longest;
}

function variable(length: number): number[] {
  const bytes: number[] = [];
  for (let left = length; ; left >>>= 7) {
    if (left < 128) return [...bytes, left];
    bytes.push((left & 127) | 128);
  }
}

function connectOf(size: number): Buffer {
  const count = Math.floor((size - 100) / 5);
  const pairs = Buffer.alloc(count * 5, Buffer.from([0x26, 0, 0, 0, 0]));
  const head = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 0, ...variable(pairs.length)]);
  const body = Buffer.concat([head, pairs, Buffer.from([0, 0])]);
  return Buffer.concat([Buffer.from([0x10, ...variable(body.length)]), body]);
}

function subscribeOf(size: number): Buffer {
  const filters = Buffer.alloc(Math.floor((size - 100) / 4) * 4, Buffer.from([0, 1, 0x61, 0]));
  const body = Buffer.concat([Buffer.from([0, 1, 0]), filters]);
  return Buffer.concat([Buffer.from([0x82, ...variable(body.length)]), body]);
}

describe('the origin of a page', () => {
  async function status(url: string, headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(url, 'mqtt', { headers });
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.on('open', () => {
        socket.terminate();
        resolve(101);
      });
      socket.on('unexpected-response', (_request, response) => {
        socket.terminate();
        resolve(response.statusCode ?? 0);
      });
    });
  }

  test.each([
    [{}, undefined, 101],
    [{ origin: 'http://localhost:4200' }, undefined, 101],
    [{ origin: 'https://evil.example' }, undefined, 403],
    [{ origin: 'null' }, undefined, 403],
    [{ origin: 'https://plant.example:8443', host: 'plant.example:8083' }, undefined, 101],
    [{ origin: 'https://plant.example.evil.example', host: 'plant.example' }, undefined, 403],
    [{ origin: 'https://app.example' }, ['https://app.example'], 101],
    [{ origin: 'https://app.example:444' }, ['https://app.example'], 403],
    [{ origin: 'https://evil.example' }, ['*'], 101],
  ])('%j with the list %j: %i', async (headers: Record<string, string>, origins, expected) => {
    const { urls } = await start({
      listeners: ['ws://127.0.0.1:0/mqtt'],
      ...(origins === undefined ? {} : { origins }),
    });
    expect(await status(urls[0] ?? '', headers)).toBe(expected);
  });
});
