import { Subscription } from 'rxjs';
import { ConnectError, ErrorCode } from '../../src/errors.js';
import type { ServerTlsOptions } from '../../src/transport/server-tls-options.js';
import { listen } from '../../src/transport/listener.js';
import { nodeTransport } from '../../src/transport/node-transport.js';
import type { Connection, TlsOptions } from '../../src/transport/transport.js';
import { makeCertificates } from '../support/certificates.js';
import { NOTHING_LEFT, watchResources } from '../support/resources.js';
import type { ResourceWatch } from '../support/resources.js';
import { opened } from './lines.js';

const { ca, strangerCa, server, serverRsa, elsewhere, client } = makeCertificates();
const SERVER: ServerTlsOptions = { cert: server.cert, key: server.key };

describe.each(['mqtts://127.0.0.1:0', 'wss://localhost:0/mqtt'])('TLS of %s', (url) => {
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

  /** Both ends of a connection, or the error that the dial ends with. */
  async function dial(tls: TlsOptions, serverTls = SERVER): Promise<{ client: Connection; server: Connection }> {
    const { address, connections$ } = await opened(listen(url, { tls: serverTls }), keep);
    const accepted = opened(connections$, keep);
    const dialled = await opened(nodeTransport({ url: address, subprotocol: 'mqtt', tls }), keep);
    return { client: dialled, server: await accepted };
  }

  async function failure(tls: TlsOptions, serverTls = SERVER): Promise<ConnectError> {
    const error: unknown = await dial(tls, serverTls).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ConnectError)) throw new Error(`not refused by a ConnectError: ${String(error)}`);
    return error;
  }

  test('an unknown authority is refused, and the message says what to do', async () => {
    const { message, code } = await failure({});
    expect(code).toBe(ErrorCode.CONNECTION_LOST);
    expect(message).toMatch(
      /failed: TLS: the peer's certificate comes from an authority that is not trusted \(.*\); give/,
    );
    expect(message).toContain('tls.ca');
  });

  test('the wrong authority is refused', async () => {
    const { message } = await failure({ ca: strangerCa.cert });
    expect(message).toContain("TLS: the peer's certificate comes from an authority that is not trusted");
  });

  test('a self-signed certificate is refused', async () => {
    const { message } = await failure({}, { cert: strangerCa.cert, key: strangerCa.key });
    expect(message).toContain("TLS: the peer's certificate is self-signed and not trusted");
  });

  test('a certificate for another host is refused', async () => {
    const { message } = await failure({ ca: ca.cert }, { cert: elsewhere.cert, key: elsewhere.key });
    expect(message).toContain("TLS: the peer's certificate is for another host name (ERR_TLS_CERT_ALTNAME_INVALID)");
  });

  test('rejectUnauthorized: false accepts any certificate', async () => {
    const line = await dial({ rejectUnauthorized: false });
    expect(line.client.peer.certificate).toMatchObject({ subject: { CN: 'server' } });
  });

  test.each<[string, TlsOptions]>([
    ['PEM as a string', { ca: ca.cert }],
    ['PEM as bytes', { ca: Buffer.from(ca.cert) }],
    ['DER as bytes', { ca: new Uint8Array(ca.certDer) }],
    ['DER as base64', { ca: Buffer.from(ca.certDer).toString('base64') }],
    ['an array of several', { ca: [strangerCa.cert, ca.certDer] }],
  ])('the authority may be %s', async (_form, tls) => {
    expect((await dial(tls)).client.peer.certificate).toMatchObject({ subject: { CN: 'server' } });
  });

  test.each<[string, ServerTlsOptions]>([
    ['PEM as bytes', { cert: Buffer.from(server.cert), key: Buffer.from(server.key) }],
    ['DER, the key as PKCS#8', { cert: server.certDer, key: server.keyDer }],
    ['DER, the key as SEC1', { cert: server.certDer, key: server.keyTraditionalDer }],
    ['DER, the key as PKCS#1', { cert: serverRsa.certDer, key: serverRsa.keyTraditionalDer }],
    ['arrays', { cert: [server.certDer], key: [server.keyDer] }],
  ])('certificate and key may be %s', async (_form, serverTls) => {
    expect((await dial({ ca: ca.cert }, serverTls)).client.peer.certificate).toMatchObject({ issuer: { CN: 'ca' } });
  });

  test('a client sends its certificate to a server that asks for one', async () => {
    const tls = { ca: ca.cert, cert: client.certDer, key: client.keyDer };
    const line = await dial(tls, { ...SERVER, ca: ca.cert, requestCert: true });
    expect(line.server.peer.certificate).toMatchObject({ subject: { CN: 'client' } });
  });

  test('a server that asks for none gets none', async () => {
    const line = await dial({ ca: ca.cert, cert: client.cert, key: client.key });
    expect(line.server.peer.certificate).toBeUndefined();
  });

  test('an unreadable key is an option error that does not show it', async () => {
    const { code, message } = await failure({ ca: ca.cert, cert: client.certDer, key: client.keyDer.slice(0, 40) });
    expect(code).toBe(ErrorCode.INVALID_OPTION);
    expect(message).toMatch(/^the option tls\.key cannot be used: .*; give a private key as PEM/);
  });

  test('a key that does not belong to the certificate is an option error', async () => {
    const { code, message } = await failure({ ca: ca.cert, cert: client.cert, key: server.key });
    expect(code).toBe(ErrorCode.INVALID_OPTION);
    expect(message).toMatch(/^the option tls cannot be used: .*; check tls\.cert, tls\.key/);
  });

  test('servername is sent by SNI, and the certificate is checked against it', async () => {
    const line = await dial({ ca: ca.cert, servername: 'broker.example' });
    expect(line.server.peer.servername).toBe('broker.example');
    keep.unsubscribe();
    keep = new Subscription();
    expect((await failure({ ca: ca.cert, servername: 'elsewhere.example' })).message).toContain('another host name');
  });

  test("servername defaults to the URL's host, unless that is an address", async () => {
    const line = await dial({ ca: ca.cert });
    expect(line.server.peer.servername).toBe(url.startsWith('wss') ? 'localhost' : undefined);
  });

  test('checkServerIdentity replaces the built-in check', async () => {
    const checkServerIdentity = (host: string): Error => new Error(`not my broker: ${host}`);
    expect((await failure({ ca: ca.cert, checkServerIdentity })).message).toContain('not my broker: ');
  });

  test('minVersion and maxVersion limit the protocol', async () => {
    const { message } = await failure({ ca: ca.cert, minVersion: 'TLSv1.3' }, { ...SERVER, maxVersion: 'TLSv1.2' });
    expect(message).toContain('failed: TLS: ');
  });

  if (url.startsWith('mqtts')) {
    test('ALPN selects a protocol that both sides offer', async () => {
      const line = await dial(
        { ca: ca.cert, ALPNProtocols: ['x-amzn-mqtt-ca', 'mqtt'] },
        { ...SERVER, ALPNProtocols: ['mqtt'] },
      );
      expect([line.client.peer.alpnProtocol, line.server.peer.alpnProtocol]).toEqual(['mqtt', 'mqtt']);
    });

    test('ALPN without a common protocol is refused', async () => {
      const { message } = await failure(
        { ca: ca.cert, ALPNProtocols: ['coap'] },
        { ...SERVER, ALPNProtocols: ['mqtt'] },
      );
      expect(message).toContain('TLS: the peer speaks none of the offered protocols');
    });
  }
});
