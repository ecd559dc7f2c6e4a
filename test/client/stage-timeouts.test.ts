import { createServer, type Server, type Socket } from 'node:net';
import { filter, firstValueFrom, map } from 'rxjs';
import { connect, type ClientOptions, type MqttError } from '../../src/index.js';

/** Accepts sockets and says nothing. */
async function silence(): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const failure = async (options: ClientOptions): Promise<MqttError | undefined> => {
  const client = connect({ reconnect: false, ...options });
  return firstValueFrom(
    client.state$.pipe(
      filter((state) => state.status === 'ended'),
      map((state) => state.reason),
    ),
  );
};

describe('each stage of an attempt has its own timeout', () => {
  let peer: Awaited<ReturnType<typeof silence>>;
  beforeEach(async () => {
    peer = await silence();
  });
  afterEach(() => peer.close());

  it('TLS', async () => {
    const error = await failure({ url: `mqtts://127.0.0.1:${peer.port}`, timeouts: { tls: 50 } });
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'TIMEOUT' });
    expect(error?.message).toContain('TLS took longer than 50 ms');
  });

  it('the upgrade of a WebSocket', async () => {
    const error = await failure({ url: `ws://127.0.0.1:${peer.port}`, timeouts: { upgrade: 50 } });
    expect(error?.message).toContain('WebSocket upgrade took longer than 50 ms');
  });

  it('TLS of a WebSocket', async () => {
    const error = await failure({ url: `wss://127.0.0.1:${peer.port}`, timeouts: { tls: 50, upgrade: 5000 } });
    expect(error?.message).toContain('TLS took longer than 50 ms');
  });

  it('CONNACK', async () => {
    const error = await failure({ url: `mqtt://127.0.0.1:${peer.port}`, timeouts: { connack: 50 } });
    expect(error?.message).toContain('CONNACK from');
    expect(error?.message).toContain('50 ms');
  });

  it('and all of them together', async () => {
    const error = await failure({ url: `mqtt://127.0.0.1:${peer.port}`, connectTimeout: 50 });
    expect(error).toMatchObject({ name: 'TimeoutError' });
  });

  it('refuses a stage that it does not know', () => {
    const timeouts = { dns: 5 } as object;
    expect(() => connect({ url: 'mqtt://127.0.0.1', timeouts })).toThrow('timeouts: option "dns" is unknown');
  });
});
