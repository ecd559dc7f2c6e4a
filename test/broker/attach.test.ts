import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect as dial, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { MemoryLevel } from 'memory-level';
import { firstValueFrom } from 'rxjs';
import { WebSocket, WebSocketServer } from 'ws';
import { createBroker, type Broker, type BrokerOptions } from '../../src/broker/index.js';
import { connect, type ClientOptions, type MqttClient } from '../../src/index.js';
import { levelStore } from '../../src/store-level/index.js';
import { makeCertificates } from '../support/certificates.js';

const servers: Server[] = [];
const running: Broker[] = [];
const clients: MqttClient[] = [];
const sockets: (WebSocket | Socket)[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
  for (const socket of sockets.splice(0)) if ('terminate' in socket) socket.terminate();
  await Promise.all(running.splice(0).map((broker) => broker.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers requests with their path. */
const http = (): Server => createServer((asked, answer) => answer.end(`page ${asked.url}`));

function broker(options: BrokerOptions = {}): Broker {
  const made = createBroker({ sysInterval: 0, ...options });
  running.push(made);
  return made;
}

function client(url: string, options: Partial<ClientOptions> = {}): MqttClient {
  const made = connect(url, { reconnect: false, ...options });
  clients.push(made);
  return made;
}

/** Publishes to itself. */
async function echoed(one: MqttClient): Promise<string> {
  const received = firstValueFrom(one.subscribe('echo', { qos: 1 }));
  await firstValueFrom(one.granted('echo'));
  one.publish('echo', 'hello', { qos: 1 }).subscribe();
  return (await received).text();
}

const ended = (one: MqttClient): Promise<void> =>
  new Promise((resolve) => one.state$.subscribe({ complete: () => resolve() }));

/** What an upgrade comes to: its sub-protocol, or the status that refuses it. */
async function upgrade(url: string, protocols: string[] = ['mqtt'], origin?: string): Promise<string | number> {
  const socket = new WebSocket(url, protocols, origin === undefined ? {} : { origin });
  sockets.push(socket);
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.on('open', () => resolve(socket.protocol));
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}

async function page(host: string, path: string): Promise<string> {
  return (await fetch(`http://${host}${path}`)).text();
}

/** Another WebSocket server, that says what it is. */
async function greeting(url: string): Promise<string> {
  const socket = new WebSocket(url);
  sockets.push(socket);
  const [message] = (await once(socket, 'message')) as [Buffer];
  return message.toString();
}

const greet = (upgrades: WebSocketServer): WebSocketServer =>
  upgrades.on('connection', (socket) => socket.send('not MQTT'));

describe('an attached broker', () => {
  test('serves MQTT at its path, whatever the query; requests are left to the server', async () => {
    const server = http();
    const host = await listening(server);
    broker().attach(server, { path: '/mqtt' });
    expect(await echoed(client(`ws://${host}/mqtt`))).toBe('hello');
    expect(await echoed(client(`ws://${host}/mqtt?token=x`))).toBe('hello');
    expect(await page(host, '/mqtt')).toBe('page /mqtt');
    expect(await page(host, '/')).toBe('page /');
  });

  test('may be attached before the server listens', async () => {
    const server = http();
    broker().attach(server, { path: '/mqtt' });
    const host = await listening(server);
    expect(await echoed(client(`ws://${host}/mqtt`))).toBe('hello');
  });

  test('serves several paths, and several brokers share a server', async () => {
    const server = http();
    const host = await listening(server);
    const [one, other] = [broker(), broker({ authenticate: () => false })];
    one.attach(server, { path: '/a' });
    one.attach(server, { path: '/b/c' });
    other.attach(server, { path: '/locked' });
    expect(await echoed(client(`ws://${host}/a`))).toBe('hello');
    expect(await echoed(client(`ws://${host}/b/c`))).toBe('hello');
    const refused = client(`ws://${host}/locked`);
    await expect(firstValueFrom(refused.connected$)).rejects.toMatchObject({ reasonCode: 0x86 });
  });

  test('refuses a path that is taken, and takes it once it is free', async () => {
    const server = http();
    const host = await listening(server);
    const first = broker().attach(server, { path: '/mqtt' });
    const second = broker();
    expect(() => second.attach(server, { path: '/mqtt' })).toThrow(
      'attaching to "/mqtt" failed: a broker is attached to this path; take another one',
    );
    first.unsubscribe();
    second.attach(server, { path: '/mqtt' });
    expect(await echoed(client(`ws://${host}/mqtt`))).toBe('hello');
  });

  test('tells the hooks the URL as the listener', async () => {
    const seen: string[] = [];
    const server = http();
    const host = await listening(server);
    broker({ authenticate: ({ listener }) => seen.push(listener) > 0 }).attach(server, { path: '/mqtt' });
    await firstValueFrom(client(`ws://${host}/mqtt?x`).connected$);
    expect(seen).toEqual([`ws://${host}/mqtt`]);
  });

  test('has a policy of its own, and shows hooks the upgrade request', async () => {
    const seen: (string | undefined)[] = [];
    const server = http();
    const host = await listening(server);
    broker({
      authenticate: ({ path, headers }) => seen.push(path, String(headers['x-hall'])) > 0,
    }).attach(server, { path: '/mqtt', maxQos: 1, receiveMaximum: 7 });
    const state = await firstValueFrom(
      client(`ws://${host}/mqtt?a=1`, { protocolVersion: 5, ws: { headers: { 'x-hall': '7' } } }).connected$,
    );
    expect(state.negotiated).toMatchObject({ maximumQoS: 1, receiveMaximum: 7 });
    expect(seen).toEqual(['/mqtt?a=1', '7']);
  });

  test('serves over HTTPS, where the hooks see the certificate', async () => {
    const { ca, client: own, server: shown } = makeCertificates();
    const seen: unknown[] = [];
    const server = createSecureServer({ ...shown, ca: ca.cert, requestCert: true });
    const host = await listening(server);
    const authenticate: BrokerOptions['authenticate'] = ({ certificate, listener }) => {
      seen.push((certificate as { subject: { CN: string } }).subject.CN, listener);
      return true;
    };
    broker({ authenticate }).attach(server, { path: '/mqtt' });
    const secure = client(`wss://${host}/mqtt`, { tls: { ca: ca.cert, cert: own.cert, key: own.key } });
    expect(await echoed(secure)).toBe('hello');
    expect(seen).toEqual([expect.stringMatching(/\w/), `wss://${host}/mqtt`]);
  });

  test('serves at a Unix socket', async () => {
    const server = http();
    servers.push(server);
    const path = `/tmp/rxmqtt-attach-${process.pid}.sock`;
    const seen: string[] = [];
    server.listen(path);
    await once(server, 'listening');
    broker({ authenticate: ({ listener }) => seen.push(listener) > 0 }).attach(server, { path: '/mqtt' });
    expect(await echoed(client(`ws+unix:${path}:/mqtt`))).toBe('hello');
    expect(seen).toEqual([`ws+unix:${path}:/mqtt`]);
  });

  test('serves once its store is loaded', async () => {
    const server = http();
    const host = await listening(server);
    const db = new MemoryLevel<string, Uint8Array>({ valueEncoding: 'view' });
    broker({ store: levelStore(db) }).attach(server, { path: '/mqtt' });
    expect(await echoed(client(`ws://${host}/mqtt`, { clientId: 'kept', sessionExpiry: 60 }))).toBe('hello');
  });
});

describe('other upgrades of the server', () => {
  const HERE = [
    ['a ws server with a path', (server: Server) => void greet(new WebSocketServer({ server, path: '/other' }))],
    ['a ws server without a path', (server: Server) => void greet(new WebSocketServer({ server }))],
    [
      'a listener that destroys what it does not know',
      (server: Server) => {
        const upgrades = greet(new WebSocketServer({ noServer: true }));
        server.on('upgrade', (asked, socket: Duplex, head: Buffer) => {
          if (asked.url !== '/other') socket.destroy();
          else upgrades.handleUpgrade(asked, socket, head, (one) => upgrades.emit('connection', one, asked));
        });
      },
    ],
  ] as const;

  test.each(HERE)('go to %s, which was there before', async (_name, begin) => {
    const server = http();
    const host = await listening(server);
    begin(server);
    broker().attach(server, { path: '/mqtt' });
    expect(await greeting(`ws://${host}/other`)).toBe('not MQTT');
    expect(await echoed(client(`ws://${host}/mqtt`))).toBe('hello');
  });

  test.each(HERE)('go to %s, which came later', async (_name, begin) => {
    const server = http();
    const host = await listening(server);
    const attached = broker().attach(server, { path: '/mqtt' });
    begin(server);
    expect(await greeting(`ws://${host}/other`)).toBe('not MQTT');
    expect(await echoed(client(`ws://${host}/mqtt`))).toBe('hello');
    attached.unsubscribe();
    expect(await greeting(`ws://${host}/other`)).toBe('not MQTT');
  });

  test('are refused where there is no other listener, as they would stay open otherwise', async () => {
    const server = http();
    const host = await listening(server);
    broker().attach(server, { path: '/mqtt' });
    broker().attach(server, { path: '/more' });
    expect(await upgrade(`ws://${host}/mqtt/deeper`)).toBe(404);
    expect(await upgrade(`ws://${host}/`)).toBe(404);
  });
});

describe('an upgrade to an attached broker', () => {
  test('[v4 MQTT-6.0.0-3] [v5 MQTT-6.0.0-3] without the sub-protocol is refused with 400', async () => {
    const server = http();
    const host = await listening(server);
    broker().attach(server, { path: '/mqtt' });
    expect(await upgrade(`ws://${host}/mqtt`, ['soap'])).toBe(400);
    expect(await upgrade(`ws://${host}/mqtt`, [])).toBe(400);
    expect(await upgrade(`ws://${host}/mqtt`, ['soap', 'mqtt'])).toBe('mqtt');
  });

  test('that is none to WebSocket is refused', async () => {
    const server = http();
    const host = await listening(server);
    broker().attach(server, { path: '/mqtt' });
    const asked = request(`http://${host}/mqtt`, {
      headers: { Connection: 'Upgrade', Upgrade: 'h2c', 'Sec-WebSocket-Protocol': 'mqtt' },
    }).end();
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(400);
  });

  test('of a page of another host is refused with 403, unless the list has it', async () => {
    const server = http();
    const host = await listening(server);
    const made = broker({ origins: ['https://app.example'] });
    made.attach(server, { path: '/mqtt' });
    made.attach(server, { path: '/own', origins: ['https://own.example'] });
    const from = (path: string, origin: string): Promise<string | number> =>
      upgrade(`ws://${host}${path}`, ['mqtt'], origin);
    expect(await from('/mqtt', 'https://evil.example')).toBe(403);
    expect(await from('/mqtt', 'https://app.example')).toBe('mqtt');
    expect(await from('/mqtt', 'http://localhost:4200')).toBe('mqtt');
    expect(await from('/own', 'https://app.example')).toBe(403);
    expect(await from('/own', 'https://own.example')).toBe('mqtt');
  });

  test('takes its place among the connections, or is refused with 503', async () => {
    const server = http();
    const host = await listening(server);
    const made = broker({ limits: { connections: 2 } });
    made.attach(server, { path: '/mqtt' });
    expect(await upgrade(`ws://${host}/mqtt`)).toBe('mqtt');
    expect(await upgrade(`ws://${host}/mqtt`)).toBe('mqtt');
    expect(await upgrade(`ws://${host}/mqtt`)).toBe(503);
    expect(made.counters.refused).toBe(1);
    // A refusal takes no place, and who leaves makes room.
    for (const socket of sockets.splice(0) as WebSocket[]) socket.terminate();
    const late = client(`ws://${host}/mqtt`, { reconnect: { minDelay: 10 } });
    await firstValueFrom(late.connected$);
  });

  test('has the time for CONNECT that every connection has', async () => {
    const server = http();
    const host = await listening(server);
    broker({ limits: { connectTimeout: 200 } }).attach(server, { path: '/mqtt' });
    const socket = dial(Number(host.split(':')[1]), '127.0.0.1');
    socket.write(
      'GET /mqtt HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const [upgraded] = (await once(socket, 'data')) as [Buffer];
    expect(upgraded.toString()).toMatch(/^HTTP\/1.1 101 /);
    const began = performance.now();
    // The frame that closes.
    const [frame] = (await once(socket, 'data')) as [Buffer];
    expect(frame[0]).toBe(0x88);
    expect(performance.now() - began).toBeLessThan(2000);
    socket.destroy();
  });
});

describe('the end of an attached broker', () => {
  test('unsubscribing ends its connections in order, publishes their wills, and leaves the rest', async () => {
    const server = http();
    const host = await listening(server);
    const made = broker();
    const attached = made.attach(server, { path: '/mqtt' });
    made.attach(server, { path: '/stays' });
    const stays = client(`ws://${host}/stays`);
    const will = firstValueFrom(stays.subscribe('gone', { qos: 1 }));
    await firstValueFrom(stays.granted('gone'));
    const goes = client(`ws://${host}/mqtt`, { will: { topic: 'gone', payload: 'bye', qos: 1 } });
    await firstValueFrom(goes.connected$);
    // One that has sent no CONNECT.
    expect(await upgrade(`ws://${host}/mqtt`)).toBe('mqtt');
    const silent = sockets.at(-1) as WebSocket;
    const closed = once(silent, 'close');

    attached.unsubscribe();
    expect((await will).text()).toBe('bye');
    await ended(goes);
    expect(goes.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x8b } });
    await closed;
    expect(stays.state.status).toBe('connected');
    expect(await upgrade(`ws://${host}/mqtt`)).toBe(404);
    expect(await page(host, '/')).toBe('page /');
  });

  test('close() ends them as well; the server runs on as if there had been no broker', async () => {
    const server = http();
    const host = await listening(server);
    const made = broker();
    made.attach(server, { path: '/mqtt' });
    const goes = client(`ws://${host}/mqtt`);
    await firstValueFrom(goes.connected$);
    await made.close();
    await ended(goes);
    expect(goes.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x8b } });
    expect(server.listenerCount('upgrade')).toBe(0);
    expect(Object.hasOwn(server, 'emit')).toBe(false);
    expect(await page(host, '/mqtt')).toBe('page /mqtt');
    expect(() => made.attach(server, { path: '/mqtt' })).toThrow('failed: the broker is closed');
    await new Promise((resolve) => server.close(resolve));
  });

  test('the server may be wrapped by others meanwhile', async () => {
    const server = http();
    const host = await listening(server);
    const seen: string[] = [];
    const attached = broker().attach(server, { path: '/mqtt' });
    const ours = server.emit.bind(server);
    server.emit = (event: string, ...args: unknown[]) => {
      seen.push(event);
      return ours(event, ...args);
    };
    expect(await echoed(client(`ws://${host}/mqtt`))).toBe('hello');
    attached.unsubscribe();
    expect(seen).toContain('upgrade');
    expect(await page(host, '/still')).toBe('page /still');
    broker().attach(server, { path: '/again' });
    expect(await echoed(client(`ws://${host}/again`))).toBe('hello');
  });
});

test.each([
  [
    'an application',
    () => undefined,
    { path: '/mqtt' },
    'attach: the server is a function; give what http.createServer()',
  ],
  ['nothing', undefined, { path: '/mqtt' }, 'attach: the server is undefined; give what http.createServer()'],
  ['no path', http(), {}, 'attach: path is missing; give a path such as /mqtt'],
  ['a path without a slash', http(), { path: 'mqtt' }, 'attach: path is "mqtt"; give a path such as /mqtt'],
  ['a query', http(), { path: '/mqtt?x' }, 'attach: path is "/mqtt?x"; give a path such as /mqtt'],
  [
    'an unknown option',
    http(),
    { path: '/mqtt', url: 'x' },
    'attach: option "url" is unknown; known are path, origins',
  ],
])('attach() refuses %s', (_name, server, options, message) => {
  expect(() => broker().attach(server as never, options as never)).toThrow(message);
});
