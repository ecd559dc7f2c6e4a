import { createServer, Socket } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { Subscription } from 'rxjs';
import { ConnectError, ErrorCode } from '../../src/errors.js';
import { listen } from '../../src/transport/listener.js';
import { nodeTransport } from '../../src/transport/node-transport.js';
import { tcp } from '../../src/transport/tcp.js';
import { tls } from '../../src/transport/tls.js';
import { websocket } from '../../src/transport/web-socket-node.js';
import type { ConnectTarget } from '../../src/transport/transport.js';
import { NOTHING_LEFT, watchResources } from '../support/resources.js';
import type { ResourceWatch } from '../support/resources.js';
import { opened } from './lines.js';

/** The error that a dial ends with. */
function failureOf(url: string, options: Partial<ConnectTarget> = {}): Promise<ConnectError> {
  return new Promise((resolve, reject) => {
    const subscription = nodeTransport({ url, subprotocol: 'mqtt', ...options }).subscribe({
      next: () => {
        subscription.unsubscribe();
        reject(new Error('the dial succeeded'));
      },
      error: resolve,
      complete: () => reject(new Error('the dial completed')),
    });
  });
}

async function startServer(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

async function unusedPort(): Promise<number> {
  const { server, port } = await startServer(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a dial', () => {
  let resources: ResourceWatch;
  beforeEach(() => {
    resources = watchResources();
  });
  afterEach(async () => {
    expect(await resources.left()).toEqual(NOTHING_LEFT);
  });

  test.each(['mqtt', 'tcp', 'mqtts', 'ws', 'wss'])(
    'over %s: a refusal says where, why and what to do',
    async (scheme) => {
      const port = await unusedPort();
      const failure = await failureOf(`${scheme}://user:secret@127.0.0.1:${port}`);
      expect(failure).toBeInstanceOf(ConnectError);
      expect(failure.code).toBe(ErrorCode.CONNECTION_LOST);
      expect(failure.message).toBe(
        `connecting to ${scheme}://127.0.0.1:${port} failed: connection refused; is a broker listening there?`,
      );
      expect(failure.cause).toMatchObject({ code: 'ECONNREFUSED' });
    },
  );

  test('to a missing Unix socket says so', async () => {
    const failure = await failureOf(`unix:${tmpdir()}/no-such-broker.sock`);
    expect(failure.message).toMatch(/^connecting to unix:.*no-such-broker\.sock failed: no such socket \(ENOENT\); /);
  });

  test.each(['mqtt', 'mqtts', 'wss'])('over %s to a name that does not exist fails at DNS', async (scheme) => {
    const failure = await failureOf(`${scheme}://no-such-host.invalid`);
    expect(failure.message).toMatch(/failed: DNS: .* \((ENOTFOUND|EAI_AGAIN)\); /);
  });

  test('with an unknown scheme names it and the supported ones', async () => {
    const failure = await failureOf('http://user:secret@host');
    expect(failure.code).toBe(ErrorCode.INVALID_OPTION);
    expect(failure.message).toContain('the scheme "http" is not supported; use one of mqtt:, tcp:');
    expect(failure.message).not.toContain('secret');
  });

  test('without a scheme is refused with the supported ones', async () => {
    expect((await failureOf('localhost')).message).toContain('use one of mqtt:, tcp:');
    expect((await failureOf('localhost:1883')).message).toContain('use one of mqtt:, tcp:');
  });

  test.each(['mqtts', 'wss', 'ws'])(
    'over %s: a peer that closes in a handshake is named with the stage',
    async (scheme) => {
      const { server, port } = await startServer((socket) =>
        socket
          .on('error', () => undefined)
          .resume()
          .end(),
      );
      const failure = await failureOf(`${scheme}://127.0.0.1:${port}`);
      server.close();
      expect(failure.message).toMatch(scheme === 'ws' ? /failed: WebSocket upgrade: / : /failed: TLS: /);
    },
  );

  test.each(['mqtts', 'wss'])('over %s to a server without TLS says so', async (scheme) => {
    const { server, port } = await startServer((socket) => {
      socket.on('error', () => undefined).resume();
      socket.end('220 this is no TLS\r\n');
    });
    const failure = await failureOf(`${scheme}://127.0.0.1:${port}`);
    server.close();
    expect(failure.message).toContain('failed: TLS: the peer does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER); check');
  });

  test.each([
    ['mqtt', nodeTransport],
    ['mqtts', nodeTransport],
    ['mqtts', tls],
    ['ws', nodeTransport],
    ['ws', websocket],
    ['wss', websocket],
  ])('over %s that is unsubscribed at once leaves nothing', async (scheme, transport) => {
    const { server, port } = await startServer((socket) => socket.on('error', () => undefined));
    const seen: unknown[] = [];
    const record = (event: unknown): number => seen.push(event);
    transport({ url: `${scheme}://127.0.0.1:${port}`, subprotocol: 'mqtt' })
      .subscribe({ next: record, error: record, complete: () => record('complete') })
      .unsubscribe();
    await new Promise((resolve) => server.close(resolve));
    expect(seen).toEqual([]);
  });

  test.each([
    ['mqtt', tcp],
    ['mqtts', tls],
  ])('over %s that is unsubscribed ignores errors of its socket', async (scheme, transport) => {
    const { server, port } = await startServer((socket) => socket.on('error', () => undefined));
    const dialled = jest.spyOn(Socket.prototype, 'connect');
    const failures: unknown[] = [];
    transport({ url: `${scheme}://127.0.0.1:${port}`, subprotocol: 'mqtt' })
      .subscribe({ error: (error) => failures.push(error) })
      .unsubscribe();
    const [socket]: Socket[] = dialled.mock.contexts;
    dialled.mockRestore();
    await new Promise((resolve) => server.close(resolve));
    expect(socket?.emit('error', new Error('late'))).toBe(true);
    expect(failures).toEqual([]);
  });

  test.each(['mqtts', 'ws', 'wss'])('over %s that is unsubscribed in its handshake leaves nothing', async (scheme) => {
    const sockets: Socket[] = [];
    const subscription = new Subscription();
    const seen: unknown[] = [];
    const record = (event: unknown): number => seen.push(event);
    await new Promise<void>((resolve, reject) => {
      const greeted = (socket: Socket): void => {
        sockets.push(socket);
        socket.on('error', () => undefined);
        // The client's first bytes are its hello or its request: it waits for the answer from now on.
        socket.once('data', () => {
          subscription.unsubscribe();
          socket.once('close', () => {
            server.close(() => resolve());
          });
          socket.resume();
        });
      };
      const server = createServer(greeted);
      server.on('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const dial = nodeTransport({ url, subprotocol: 'mqtt' });
        subscription.add(dial.subscribe({ next: record, error: record, complete: () => record('complete') }));
      });
    });
    expect(sockets).toHaveLength(1);
    expect(seen).toEqual([]);
  });

  test('applies the socket options: address family, local address, TCP_NODELAY and keep-alive', async () => {
    const keep = new Subscription();
    const { address, connections$ } = await opened(listen('tcp://127.0.0.1:0'), keep);
    const peers: (string | undefined)[] = [];
    keep.add(connections$.subscribe(({ peer }) => peers.push(peer.address)));
    const noDelay = jest.spyOn(Socket.prototype, 'setNoDelay');
    const keepAlive = jest.spyOn(Socket.prototype, 'setKeepAlive');
    const socket = { family: 4, localAddress: '127.0.0.2', noDelay: false, keepAliveInitialDelay: 7000 } as const;
    await opened(tcp({ url: address, subprotocol: 'mqtt', socket }), keep);
    expect(noDelay).toHaveBeenCalledWith(false);
    expect(keepAlive).toHaveBeenCalledWith(true, 7000);
    noDelay.mockRestore();
    keepAlive.mockRestore();
    while (peers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(peers[0]).toMatch(/^127\.0\.0\.2:\d+$/);
    keep.unsubscribe();
  });
});
