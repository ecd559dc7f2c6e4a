import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { firstValueFrom } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { connect, type MqttError, type TlsOptions } from '../../src/index.js';
import { makeCertificates } from '../support/certificates.js';

const { ca, strangerCa, server, client } = makeCertificates();
const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-tls-files-'));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
afterAll(() => rmSync(folder, { recursive: true }));

/** The one line that environment variables and forms make of a PEM text. */
const escaped = (pem: string): string => pem.trim().replaceAll('\n', '\\n');
const inOneLine = (pem: string): string => pem.trim().replaceAll('\n', ' ');

describe.each(['mqtts', 'wss'])('TLS material for %s', (scheme) => {
  let broker: Broker;
  let url = '';
  /** The names in the certificates that clients showed. */
  let shown: (string | undefined)[];
  beforeEach(async () => {
    shown = [];
    broker = createBroker({
      listeners: [`${scheme}://127.0.0.1:0`],
      tls: { cert: server.cert, key: server.key, ca: ca.cert, requestCert: true, rejectUnauthorized: false },
      authenticate: ({ certificate }) => {
        shown.push((certificate as { subject?: { CN?: string } } | null)?.subject?.CN);
        return true;
      },
    });
    [url = ''] = await broker.listening;
  });
  afterEach(() => broker.close());

  async function once(tls: TlsOptions): Promise<string | undefined> {
    const connection = connect(url, { tls, reconnect: false });
    await firstValueFrom(connection.publish('a', '', { qos: 1 }));
    await connection.end();
    return shown.at(-1);
  }

  async function failureOf(tls: TlsOptions): Promise<MqttError> {
    const failing = connect(url, { tls, reconnect: false });
    const reason = await new Promise<MqttError | undefined>((resolve) => {
      failing.state$.subscribe((state) => state.status === 'ended' && resolve(state.reason));
    });
    if (reason === undefined) throw new Error('it is connected');
    return reason;
  }

  it('[AWSIoTPythonSDK] configureCredentials, [amqtt] cafile: certificates and keys by file', async () => {
    const caFile = file('ca.pem', ca.cert);
    expect(await once({ caFile })).toBeUndefined();
    const certFile = file('client.pem', client.cert);
    expect(await once({ caFile, certFile, keyFile: file('client.key', client.key) })).toBe('client');
    expect(await once({ caFile: file('ca.der', ca.certDer), certFile, keyFile: file('k.der', client.keyDer) })).toBe(
      'client',
    );
  });

  it('[amqtt] capath: a folder of authorities, whatever else lies in it', async () => {
    const caPath = join(folder, `authorities-${scheme}`);
    mkdirSync(join(caPath, 'below'), { recursive: true });
    file(`authorities-${scheme}/stranger.pem`, strangerCa.cert);
    file(`authorities-${scheme}/ours.0`, ca.cert);
    file(`authorities-${scheme}/README`, 'no certificate');
    expect(await once({ caPath })).toBeUndefined();
  });

  it('[DL-7450] key_store: the private key may stand behind the chain', async () => {
    expect(await once({ ca: ca.cert, cert: client.cert + client.key })).toBe('client');
    const certFile = file('bundle.pem', client.key + client.cert);
    expect(await once({ ca: ca.cert, certFile })).toBe('client');
  });

  it.each([
    ['escaped line ends', escaped],
    ['one line', inOneLine],
  ])('PEM with %s is read', async (_what, change) => {
    const tls = { ca: change(ca.cert), cert: change(client.cert), key: change(client.key) };
    expect(await once(tls)).toBe('client');
  });

  it('reads the files again at each attempt, as certificates rotate', async () => {
    const caFile = file(`rotating-${scheme}.pem`, strangerCa.cert);
    const rotating = connect(url, { tls: { caFile }, reconnect: { minDelay: 1, maxDelay: 1 } });
    const reasons: string[] = [];
    rotating.state$.subscribe((state) => {
      if (state.status !== 'reconnecting' || reasons.push(state.reason?.message ?? '') < 2) return;
      copyFileSync(file('right.pem', ca.cert), caFile);
    });
    await firstValueFrom(rotating.publish('a', '', { qos: 1 }));
    await rotating.end();
    expect(reasons[0]).toContain('not trusted');
  });

  it('[awscrt] tls_ctx: a secure context is taken as it is', async () => {
    const secureContext = createSecureContext({ ca: ca.cert, cert: client.cert, key: client.key });
    expect(await once({ secureContext })).toBe('client');
  });

  it.each<[string, TlsOptions, RegExp]>([
    [
      'a file that is not there',
      { caFile: '/no/ca.pem' },
      /^the option tls\.caFile "\/no\/ca\.pem" cannot be used: ENOENT/,
    ],
    ['a folder that is not there', { caPath: '/no/folder' }, /^the option tls\.caPath "\/no\/folder" .*ENOENT/],
    [
      'a file without PEM',
      { caFile: file('text', 'hello') },
      /^the option tls\.caFile ".*text" .* holds no certificate/,
    ],
    [
      'a key in the place of a certificate',
      { certFile: file('a.key', client.key) },
      /certFile .* holds no certificate/,
    ],
    [
      'a certificate in the place of a key',
      { certFile: file('c', client.cert), keyFile: file('c', client.cert) },
      /keyFile .* holds no private key/,
    ],
    [
      'certFile without a key',
      { certFile: file('c', client.cert) },
      /certFile .* name the file with the key as tls\.keyFile/,
    ],
    ['cert without a key', { cert: client.cert }, /^the option tls\.cert cannot be used: it has no tls\.key/],
    [
      'a path as data',
      { ca: './ca.crt' },
      /^the option tls\.ca .* holds no certificate; .* or name its file as tls\.caFile/,
    ],
    ['an empty text', { ca: '' }, /^the option tls\.ca .* holds no certificate/],
    ['both', { cert: client.cert, certFile: 'c' }, /tls\.certFile cannot be used: tls\.cert is given as well/],
  ])('%s is named', async (_what, tls, message) => {
    const failure = await failureOf(tls);
    expect(failure).toMatchObject({ name: 'ConnectError', code: 'INVALID_OPTION' });
    expect(failure.message).toMatch(message);
  });
});
