import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect as dial, createServer, type Server, type Socket } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { connect } from '../../src/index.js';
import { embedded, type Embedded } from './embedded.js';

let at: Embedded;
const servers: Server[] = [];
const sockets: Socket[] = [];
beforeAll(async () => {
  at = await embedded({ authorizePublish: ({ topic }) => topic !== 'forbidden' });
});
afterAll(async () => {
  await at.close();
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('a client command', () => {
  it('goes through a proxy', async () => {
    const asked: string[] = [];
    const proxy = createHttpServer().on('connect', ({ url = '' }, socket: Socket) => {
      asked.push(url);
      const [host, port] = url.split(':');
      const upstream = dial(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      sockets.push(upstream);
      socket.pipe(upstream).pipe(socket);
    });
    const port = await listen(proxy);
    expect(await at.run(['pub', 'a', 'x', '-q', '1', '--proxy', `http://127.0.0.1:${port}`]).code).toBe(0);
    const environment = { ...process.env, RXMQTT_PROXY: `http://127.0.0.1:${port}` };
    expect(await at.run(['pub', 'a', 'x', '-q', '1'], { environment }).code).toBe(0);
    expect(asked).toEqual([new URL(at.url).host, new URL(at.url).host]);
  });

  it('speaks 3.1.1 to a broker that hangs up at MQTT 5, without a word', async () => {
    const versions: number[] = [];
    const old = createServer((socket) => {
      socket.on('data', (chunk: Buffer) => {
        if (chunk[0] === 0x10) {
          versions.push(chunk[8] ?? 0);
          if (chunk[8] === 5) socket.end();
          else socket.write(Uint8Array.of(0x20, 2, 0, 0));
        }
        if (chunk[0] === 0x32) socket.write(Uint8Array.of(0x40, 2, 0, 1));
        if (chunk[0] === 0xe0) socket.end();
      });
    });
    const running = at.run(['pub', 'a', 'x', '-q', '1', '-L', `127.0.0.1:${await listen(old)}`]);
    expect(await running.code).toBe(0);
    expect(running.err).toEqual([]);
    expect(versions).toEqual([5, 4]);
  });

  it('ends with 4 when the broker refuses a message', async () => {
    const { code, err } = at.run(['pub', 'forbidden', 'x', '-q', '1']);
    expect(await code).toBe(4);
    expect(err).toEqual(['rxmqtt pub: publish to "forbidden" was refused by the broker: NOT_AUTHORIZED']);
  });

  it('--session-expiry keeps the session, with messages from in between', async () => {
    const args = ['sub', 'kept/session', '-i', 'keeper', '--session-expiry', '1m', '-q', '1'];
    const first = at.run(args);
    await at.subscribed('kept/session');
    first.interrupt();
    expect(await first.code).toBe(0);
    const client = connect(at.url);
    await firstValueFrom(client.publish('kept/session', 'while you were out', { qos: 1 }));
    await client.end();
    const second = at.run([...args, '-n', '1', '-W', '20']);
    expect(await second.code).toBe(0);
    expect(second.out).toEqual(['while you were out']);
  });

  it('gives further clients identifiers of their own', async () => {
    const ids: string[] = [];
    const watching = at.broker.connected$.subscribe(({ clientId }) => ids.push(clientId));
    expect(await at.run(['bench', 'conn', '-c', '3', '-i', 'many', '--json']).code).toBe(0);
    watching.unsubscribe();
    expect(ids.sort()).toEqual(['many', 'many-1', 'many-2']);
  });

  it('refuses options that exclude each other with 2, and shows no secret', async () => {
    for (const [args, why] of [
      [['pub', 'a', '-L', 'gopher://secret@host'], /^rxmqtt pub: .*gopher/],
      [['pub', 'a', '--proxy', 'ftp://secret@host'], /^rxmqtt pub: .*ftp/],
    ] as const) {
      const { code, err } = at.run(args);
      expect(await code).toBe(2);
      expect(err).toEqual([expect.stringMatching(why)]);
      expect(err.join()).not.toContain('secret');
    }
  });
});
