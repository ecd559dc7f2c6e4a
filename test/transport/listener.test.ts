import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Subscription } from 'rxjs';
import { WebSocket } from 'ws';
import { ConnectError, ErrorCode } from '../../src/errors.js';
import { listen } from '../../src/transport/listener.js';
import type { AcceptedConnection } from '../../src/transport/transport.js';
import { NOTHING_LEFT, watchResources } from '../support/resources.js';
import type { ResourceWatch } from '../support/resources.js';
import { opened } from './lines.js';

let keep: Subscription;
let resources: ResourceWatch;
beforeEach(() => {
  resources = watchResources();
  keep = new Subscription();
});
afterEach(async () => {
  keep.unsubscribe();
  expect(await resources.left()).toEqual(NOTHING_LEFT);
});

async function failure(url: string): Promise<ConnectError> {
  const error: unknown = await opened(listen(url), keep).then(
    () => 'it listens',
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw new Error(String(error));
  return error;
}

const portOf = (address: string): number => Number(new URL(address).port);

describe('listen', () => {
  test.each([
    ['tcp://127.0.0.1:0', /^tcp:\/\/127\.0\.0\.1:\d+$/],
    ['mqtt://localhost:0', /^mqtt:\/\/localhost:\d+$/],
    ['ws://127.0.0.1:0/mqtt', /^ws:\/\/127\.0\.0\.1:\d+\/mqtt$/],
    ['ws://127.0.0.1:0', /^ws:\/\/127\.0\.0\.1:\d+$/],
  ])('%s reports the address with its bound port', async (url, address) => {
    const listening = await opened(listen(url), keep);
    expect(listening.address).toMatch(address);
    expect(portOf(listening.address)).toBeGreaterThan(0);
  });

  test('binds nothing before it is subscribed', async () => {
    const listener$ = listen('tcp://127.0.0.1:0');
    expect(await resources.left()).toEqual(NOTHING_LEFT);
    const listening = await opened(listener$, keep);
    expect(portOf(listening.address)).toBeGreaterThan(0);
  });

  test('a port in use is a ConnectError that says so', async () => {
    const { address } = await opened(listen('tcp://127.0.0.1:0'), keep);
    const { message, code } = await failure(address);
    expect(code).toBe(ErrorCode.CONNECTION_LOST);
    expect(message).toBe(
      `listening on ${address} failed: the address is in use (EADDRINUSE); ` +
        'stop the program that listens there, or use another address',
    );
  });

  test('an unknown scheme is refused with the supported ones', async () => {
    const { message, code } = await failure('http://127.0.0.1:0');
    expect(code).toBe(ErrorCode.INVALID_OPTION);
    expect(message).toContain('the scheme "http" is not supported by listeners; use one of tcp:');
  });

  test('unsubscribing before binding leaves nothing', () => {
    listen('tcp://localhost:0').subscribe().unsubscribe();
  });

  test('unsubscribing ends its connections and completes connections$', async () => {
    const listening = new Subscription();
    const { address, connections$ } = await opened(listen('tcp://127.0.0.1:0'), listening);
    const ends: string[] = [];
    const accepted = new Promise<AcceptedConnection>((resolve) =>
      connections$.subscribe({ next: resolve, complete: () => ends.push('connections$') }),
    );
    const client = connect(portOf(address), '127.0.0.1');
    const closed = new Promise((resolve) => client.on('close', resolve));
    client.resume();
    (await accepted).incoming$.subscribe({ complete: () => ends.push('incoming$') });
    listening.unsubscribe();
    expect(ends).toEqual(['incoming$', 'connections$']);
    await closed;
  });

  test('an unobserved connection is closed', async () => {
    const { address } = await opened(listen('tcp://127.0.0.1:0'), keep);
    const client = connect(portOf(address), '127.0.0.1');
    client.resume();
    await new Promise((resolve) => client.on('close', resolve));
  });

  test('destroy() closes an accepted connection at once', async () => {
    const { address, connections$ } = await opened(listen('tcp://127.0.0.1:0'), keep);
    const accepted = opened(connections$, keep);
    const client = connect(portOf(address), '127.0.0.1');
    client.resume();
    const closed = new Promise((resolve) => client.on('close', resolve));
    const connection = await accepted;
    let completed = false;
    connection.incoming$.subscribe({ complete: () => (completed = true) });
    connection.destroy();
    connection.destroy();
    expect(completed).toBe(true);
    await closed;
  });

  test('end() cuts off a peer that does not close', async () => {
    const { address, connections$ } = await opened(listen('tcp://127.0.0.1:0'), keep);
    const accepted = opened(connections$, keep);
    const client = connect({ port: portOf(address), host: '127.0.0.1', allowHalfOpen: true });
    keep.add(() => client.destroy());
    client.on('error', () => undefined);
    client.resume();
    const connection = await accepted;
    const ended = new Promise<void>((resolve) => connection.incoming$.subscribe({ complete: resolve }));
    const half = new Promise((resolve) => client.on('end', resolve));
    connection.end();
    await half;
    await ended;
  });

  test('removes the file of a Unix socket afterwards', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-listener-'));
    const path = join(folder, 'broker.sock');
    const listening = new Subscription();
    const { address } = await opened(listen(`unix://${path}`), listening);
    expect([address, existsSync(path)]).toEqual([`unix:${path}`, true]);
    listening.unsubscribe();
    expect(existsSync(path)).toBe(false);
    rmSync(folder, { recursive: true });
  });
});

describe('a WebSocket listener', () => {
  /** The sub-protocol that was agreed, or the status that refused. */
  async function upgrade(url: string, protocols: string[]): Promise<string | number | undefined> {
    const socket = new WebSocket(url, protocols);
    keep.add(() => socket.terminate());
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.on('open', () => resolve(socket.protocol));
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
  }

  async function start(path: string): Promise<string> {
    const { address, connections$ } = await opened(listen(`ws://127.0.0.1:0${path}`), keep);
    keep.add(connections$.subscribe());
    return address;
  }

  test('[v4 MQTT-6.0.0-4] [v5 MQTT-6.0.0-4] selects mqtt, or mqttv3.1 for an MQTT 3.1 client', async () => {
    const address = await start('/mqtt');
    expect(await upgrade(address, ['mqtt'])).toBe('mqtt');
    expect(await upgrade(address, ['mqttv3.1'])).toBe('mqttv3.1');
    expect(await upgrade(address, ['soap', 'mqtt'])).toBe('mqtt');
  });

  test('[v4 MQTT-6.0.0-3] [v5 MQTT-6.0.0-3] refuses an upgrade without the sub-protocol with 400', async () => {
    const address = await start('/mqtt');
    expect(await upgrade(address, [])).toBe(400);
    expect(await upgrade(address, ['soap'])).toBe(400);
  });

  test('serves only its path, with any query', async () => {
    const address = await start('/mqtt');
    expect(await upgrade(`${address}?token=x`, ['mqtt'])).toBe('mqtt');
    expect(await upgrade(`${address}/deeper`, ['mqtt'])).toBe(404);
  });

  test('serves any path if it has none', async () => {
    const address = await start('');
    expect(await upgrade(`${address}/anything`, ['mqtt'])).toBe('mqtt');
  });

  test('answers a plain request with 426', async () => {
    const address = await start('/mqtt');
    const status = await new Promise((resolve, reject) => {
      const plain = request(address.replace('ws:', 'http:'), (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      });
      plain.on('error', reject);
      plain.end();
    });
    expect(status).toBe(426);
  });
});
