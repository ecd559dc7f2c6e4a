import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { firstValueFrom, filter } from 'rxjs';
import { foreignProtocol } from '../../src/transport/foreign-protocol.js';
import { connect, type ClientOptions } from '../../src/index.js';
import { makeCertificates } from '../support/certificates.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** How the connection to a server fails. */
async function failure(
  server: Server,
  scheme = 'mqtt',
  options: ClientOptions = {},
): Promise<{ code: string; message: string; port: number }> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = connect(`${scheme}://user:secret@127.0.0.1:${port}`, {
    reconnect: false,
    protocolVersion: 4,
    ...options,
  });
  const ended = await firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'ended')));
  const { code, message } = (ended as { reason: { code: string; message: string } }).reason;
  return { code, message, port };
}

describe('mqtt: to a port that is not of a broker', () => {
  it('HTTP', async () => {
    const { message, code, port } = await failure(createHttpServer());
    expect(message).toContain(`the server at mqtt://127.0.0.1:${port} speaks HTTP, not MQTT; use ws:`);
    expect(code).toBe('PROTOCOL');
  });

  it.each([
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', 'speaks SSH'],
    ['220 mail.example.org ESMTP\r\n', 'speaks another protocol'],
  ])('%j', async (greeting, problem) => {
    const { message, port } = await failure(
      createServer(
        (socket) =>
          void socket
            .on('error', () => undefined)
            .resume()
            .end(greeting),
      ),
    );
    expect(message).toContain(`the server at mqtt://127.0.0.1:${port} ${problem}`);
    expect(message).not.toContain('secret');
  });

  it('TLS, which hangs up or tells', async () => {
    const { key, cert } = makeCertificates().server;
    const { message, port } = await failure(createTlsServer({ key, cert }));
    // OpenSSL sends an alert or none, depending on what it takes CONNECT for.
    expect(message).toMatch(new RegExp(`^the server at mqtt://127.0.0.1:${port} (speaks TLS|closed .*without TLS)`));
  });
});

it('a broker that answers CONNECT by the end of the line, over TLS, may not allow the client', async () => {
  const { key, cert } = makeCertificates().server;
  const server = createTlsServer({ key, cert }, (socket) => void socket.once('data', () => socket.end()));
  const { message, port } = await failure(server, 'mqtts', { tls: { rejectUnauthorized: false } });
  expect(message).toBe(
    `the server at mqtts://127.0.0.1:${port} closed the connection before CONNACK; ` +
      'does it speak MQTT there, and allow this client identifier and its credentials?',
  );
});

it.each([
  ['CONNACK', '20020000', undefined],
  ['CONNACK of MQTT 5', '2041000021', undefined],
  ['a part of one', '20', undefined],
  ['DISCONNECT', 'e0022000', undefined],
  ['AUTH', 'f0201815', undefined],
  ['a TLS alert', '15030100020228', 'TLS'],
  ['HTTP', '485454502f', 'HTTP'],
])('%s', (_name, hex, name) => {
  const error = foreignProtocol('mqtt://h', Buffer.from(hex, 'hex'));
  if (name === undefined) expect(error).toBeUndefined();
  else expect(error?.message).toContain(name);
});
