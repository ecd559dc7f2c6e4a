import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { firstValueFrom, Subject, Subscription } from 'rxjs';
import { type WebSocket, WebSocketServer } from 'ws';
import { ConnectError } from '../../src/errors.js';
import type { Connection, ConnectTarget } from '../../src/transport/transport.js';
import { websocket } from '../../src/transport/web-socket-node.js';
import { NOTHING_LEFT, watchResources } from '../support/resources.js';
import type { ResourceWatch } from '../support/resources.js';
import { opened } from './lines.js';

interface Frame {
  readonly bytes: Buffer;
  readonly binary: boolean;
}

/** A WebSocket server that is scripted by the test, and knows nothing of the library. */
class Script {
  readonly server: Server = createServer();
  readonly sockets: WebSocket[] = [];
  readonly requests: IncomingMessage[] = [];
  readonly frames$ = new Subject<Frame>();
  private readonly upgrades: WebSocketServer;

  constructor(protocol: (offered: Set<string>) => string | false = (offered) => [...offered][0] ?? false) {
    this.upgrades = new WebSocketServer({ server: this.server, handleProtocols: protocol });
    this.upgrades.on('connection', (socket, request) => {
      this.sockets.push(socket);
      this.requests.push(request);
      socket.on('error', () => undefined);
      socket.on('message', (data, binary) => this.frames$.next({ bytes: data as Buffer, binary }));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.sockets) socket.terminate();
    this.server.closeAllConnections();
    this.server.close();
  }
}

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

async function start(protocol?: (offered: Set<string>) => string | false): Promise<{ script: Script; url: string }> {
  const script = new Script(protocol);
  keep.add(() => script.stop());
  return { script, url: await script.start() };
}

function dial(url: string, options: Partial<ConnectTarget> = {}): Promise<Connection> {
  return opened(websocket({ url, subprotocol: 'mqtt', ...options }), keep);
}

async function failure(dialled: Promise<unknown>): Promise<ConnectError> {
  const error: unknown = await dialled.then(
    () => 'the dial succeeded',
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw new Error(String(error));
  return error;
}

/** How the bytes of a connection end: `complete`, or the error. */
function ending(connection: Connection): Promise<unknown> {
  return new Promise((resolve) =>
    connection.incoming$.subscribe({ error: resolve, complete: () => resolve('complete') }),
  );
}

describe('frames', () => {
  test('[v4 MQTT-6.0.0-1] [v5 MQTT-6.0.0-1] several commits of one turn are one binary frame, including payloads by reference', async () => {
    const { script, url } = await start();
    const connection = await dial(url);
    const frame = firstValueFrom(script.frames$);
    connection.out.append(Buffer.from('header'));
    connection.commit();
    connection.out.append(new Uint8Array(50_000).fill(7));
    connection.commit();
    connection.out.append(Buffer.from('next'));
    connection.commit();
    const { bytes, binary } = await frame;
    expect([bytes.length, binary]).toEqual([50_010, true]);
    expect(bytes.subarray(0, 6).toString()).toBe('header');
    expect(bytes.subarray(50_006).toString()).toBe('next');
  });

  test('commits of two turns are two frames', async () => {
    const { script, url } = await start();
    const connection = await dial(url);
    const frames: string[] = [];
    const second = new Promise<void>((resolve) =>
      script.frames$.subscribe(({ bytes }) => {
        if (frames.push(bytes.toString()) === 2) resolve();
      }),
    );
    connection.out.append(Buffer.from('one'));
    connection.commit();
    await new Promise((resolve) => setImmediate(resolve));
    connection.out.append(Buffer.from('two'));
    connection.commit();
    await second;
    expect(frames).toEqual(['one', 'two']);
  });

  test('[v4 MQTT-6.0.0-2] [v5 MQTT-6.0.0-2] a packet may come in pieces, and several in one frame', async () => {
    const { script, url } = await start();
    const connection = await dial(url);
    let text = '';
    const done = new Promise<void>((resolve) =>
      connection.incoming$.subscribe((chunk) => {
        text += Buffer.from(chunk).toString();
        if (text.endsWith('.')) resolve();
      }),
    );
    script.sockets[0]?.send(Buffer.from('pa'));
    script.sockets[0]?.send(Buffer.from('cket packet'), { fin: false });
    script.sockets[0]?.send(Buffer.from(' end.'), { fin: true });
    await done;
    expect(text).toBe('packet packet end.');
  });

  test('[v4 MQTT-6.0.0-1] [v5 MQTT-6.0.0-1] a text frame is an error, and the connection is closed', async () => {
    const { script, url } = await start();
    const connection = await dial(url);
    const ended = ending(connection);
    const closed = new Promise((resolve) => script.sockets[0]?.on('close', resolve));
    script.sockets[0]?.send('hello');
    expect(String(await ended)).toContain('the peer sent a text frame, and MQTT uses binary frames only; check');
    expect(await closed).toBe(1003);
  });

  test('a message beyond maxPayload is an error', async () => {
    const { script, url } = await start();
    const connection = await dial(url, { ws: { maxPayload: 100 } });
    const ended = ending(connection);
    script.sockets[0]?.send(Buffer.alloc(101));
    expect(await ended).toBeInstanceOf(ConnectError);
  });

  test('a ping is answered and counts as a sign of life', async () => {
    const { script, url } = await start();
    const connection = await dial(url);
    connection.incoming$.subscribe();
    const pong = new Promise((resolve) => script.sockets[0]?.on('pong', resolve));
    const { lastReceived } = connection;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 7_654_321);
    script.sockets[0]?.ping();
    await pong;
    clock.mockRestore();
    expect(connection.lastReceived - lastReceived).toBeGreaterThanOrEqual(7_654_321);
  });
});

describe('the close', () => {
  test.each([
    [1000, ''],
    [1000, 'bye'],
  ])('with code %d completes', async (code, reason) => {
    const { script, url } = await start();
    const ended = ending(await dial(url));
    script.sockets[0]?.close(code, reason);
    expect(await ended).toBe('complete');
  });

  test('without a code completes', async () => {
    const { script, url } = await start();
    const ended = ending(await dial(url));
    script.sockets[0]?.close();
    expect(await ended).toBe('complete');
  });

  test.each([
    [1001, 'deploy', '1001, "deploy"; going away: the broker'],
    [1008, '', '1008; policy violation: the broker'],
    [4321, 'quota', '4321, "quota"; the broker'],
  ])('with code %d %s is an error that shows code and reason', async (code, reason, shown) => {
    const { script, url } = await start();
    const ended = ending(await dial(url));
    script.sockets[0]?.close(code, reason);
    expect(String(await ended)).toContain(`connection to ${url} lost: WebSocket closed with ${shown}, or a proxy`);
  });

  test('without a close frame is an error', async () => {
    const { script, url } = await start();
    const ended = ending(await dial(url));
    script.sockets[0]?.terminate();
    expect(String(await ended)).toContain('WebSocket closed with 1006; no close frame: the network, ');
  });

  test('by end() sends code 1000', async () => {
    const { script, url } = await start();
    const connection = await dial(url);
    const closed = new Promise((resolve) => script.sockets[0]?.on('close', resolve));
    connection.end();
    expect(await closed).toBe(1000);
  });
});

describe('the upgrade', () => {
  test('[v4 MQTT-6.0.0-3] [v5 MQTT-6.0.0-3] offers the sub-protocol of the protocol version', async () => {
    const { script, url } = await start();
    const connection = await dial(url, { subprotocol: 'mqttv3.1' });
    expect(script.requests[0]?.headers['sec-websocket-protocol']).toBe('mqttv3.1');
    expect(connection.peer.subprotocol).toBe('mqttv3.1');
  });

  test('offers ws.protocols instead if given', async () => {
    const { script, url } = await start((offered) => [...offered][1] ?? false);
    const connection = await dial(url, { ws: { protocols: ['a', 'b'] } });
    expect(script.requests[0]?.headers['sec-websocket-protocol']).toBe('a,b');
    expect(connection.peer.subprotocol).toBe('b');
  });

  test.each<[string, () => string | false]>([
    ['none', () => false],
    ['another', () => 'soap'],
  ])('to a server that selects %s fails', async (_which, select) => {
    const { url } = await start(select);
    const { message } = await failure(dial(url));
    expect(message).toContain(
      `connecting to ${url} failed: WebSocket upgrade: the server selected none of the sub-protocols mqtt; check`,
    );
  });

  test('offers no compression, sends the headers, path and query, and no credentials of the URL', async () => {
    const { script, url } = await start();
    const signed = `${url.replace('//', '//user:secret@')}/deep/mqtt?token=x`;
    await dial(signed, { ws: { headers: { 'X-Tenant': 'hall' } } });
    const [request] = script.requests;
    expect(request?.url).toBe('/deep/mqtt?token=x');
    expect(request?.headers['x-tenant']).toBe('hall');
    expect(request?.headers['sec-websocket-extensions']).toBeUndefined();
    expect(request?.headers.authorization).toBeUndefined();
  });

  test('goes through the given agent', async () => {
    const { url } = await start();
    const { Agent } = await import('node:http');
    const agent = new Agent();
    const used = jest.spyOn(agent, 'createConnection' as never);
    await dial(url, { ws: { agent } });
    expect(used).toHaveBeenCalledTimes(1);
  });

  test.each([
    [404, 'HTTP 404 Not Found; check the path'],
    [401, 'HTTP 401 Unauthorized; check ws.headers'],
    [503, 'HTTP 503 Service Unavailable; '],
    [302, 'HTTP 302 Found; '],
  ])('answered with %d says so', async (status, shown) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, { Location: 'http://127.0.0.1:1/' });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    keep.add(() => void server.close());
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { message } = await failure(dial(`${url}/mqtt?token=secret`));
    expect(message).toContain(`connecting to ${url}/mqtt failed: WebSocket upgrade: ${shown}`);
    expect(message).not.toContain('secret');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['hangs up', (socket) => socket.once('data', () => socket.end())],
    ['answers in MQTT', (socket) => socket.once('data', () => socket.end(Buffer.from([0xe0, 0])))],
  ])('at a port of MQTT over TCP, which %s, says where to look', async (_, answer) => {
    const server = createTcpServer((socket) => answer(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    keep.add(() => void server.close());
    const { message } = await failure(dial(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`));
    expect(message).toContain('does this port take WebSockets? MQTT over TCP uses mqtt: or mqtts:, at another port');
  });

  test('with an invalid sub-protocol is refused before anything is sent', async () => {
    const { message } = await failure(dial('ws://127.0.0.1:1', { ws: { protocols: 'not a token' } }));
    expect(message).toContain('An invalid or duplicated subprotocol was specified');
  });
});
