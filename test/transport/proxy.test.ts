import { createServer as createHttpServer } from 'node:http';
import { connect as dial, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { firstValueFrom } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { connect as connectBrowser } from '../../src/browser.js';
import { connect, memory, type ClientOptions, type MqttError } from '../../src/index.js';
import { parseUrl } from '../../src/transport/broker-url.js';
import { parseProxy, proxyOfEnvironment } from '../../src/transport/proxy-url.js';
import { makeCertificates } from '../support/certificates.js';

const certificates = makeCertificates();

/** Proxies of the test; the real ones have a ring of their own. */
class Proxies {
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Duplex>();
  /** What CONNECT asked for, and with which credentials. */
  readonly asked: string[] = [];

  async listen(server: Server): Promise<number> {
    server.on('connection', (socket: Socket) => this.sockets.add(socket.on('error', () => undefined)));
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  /** A proxy that lets everything through, or answers with a status. */
  http(status = 200, secure = false): Promise<number> {
    const handler = createHttpServer();
    handler.on('connect', (request, near: Duplex, head: Buffer) => {
      this.asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
      near.on('error', () => undefined);
      if (status !== 200) return void near.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\n\r\nsorry`);
      const { hostname, port } = new URL(`tcp://${request.url}`);
      const far = dial({ host: hostname.replace(/[[\]]/g, ''), port: Number(port) });
      this.sockets.add(far.on('error', () => near.destroy()));
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.write(head);
      near.pipe(far).pipe(near);
    });
    if (!secure) return this.listen(handler);
    const { cert, key } = certificates.server;
    return this.listen(createTlsServer({ cert, key }, (socket) => void handler.emit('connection', socket)));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

let proxies: Proxies;
beforeEach(() => (proxies = new Proxies()));
afterEach(() => proxies.close());

/** The reason of the first attempt that fails. */
async function failureOf(url: string, options: Omit<ClientOptions, 'url'>): Promise<MqttError | undefined> {
  const client = connect(url, { reconnect: false, ...options });
  return new Promise((resolve) => {
    client.state$.subscribe((state) => {
      if (state.status === 'ended') resolve(state.reason);
    });
  });
}

describe('proxy', () => {
  let broker: Broker;
  let urls: readonly string[];
  beforeAll(async () => {
    const { cert, key } = certificates.server;
    const listeners = ['mqtt://127.0.0.1:0', 'mqtts://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt', 'wss://127.0.0.1:0/mqtt'];
    broker = createBroker({ listeners, tls: { cert, key } });
    urls = await broker.listening;
  });
  afterAll(() => broker.close());

  const tls = { ca: certificates.ca.cert };

  it.each([
    ['mqtt', 0],
    ['mqtts', 1],
    ['ws', 2],
    ['wss', 3],
  ])('[awscrt] websocket_proxy_options, [AWSIoTPythonSDK] a proxy for %s: CONNECT, Basic', async (_scheme, index) => {
    const port = await proxies.http();
    const url = (urls[index] ?? '').replace('tcp:', 'mqtt:');
    const client = connect(url, { tls, proxy: `http://us%40er:p%3Ass@127.0.0.1:${port}` });
    await firstValueFrom(client.publish('a', 'x', { qos: 1 }));
    await client.end();
    const credentials = Buffer.from('us@er:p:ss').toString('base64');
    expect(proxies.asked).toEqual([`127.0.0.1:${new URL(url).port} Basic ${credentials}`]);
  });

  it.each([0, 1, 3])('a proxy that speaks TLS itself, before listener %d', async (index) => {
    const port = await proxies.http(200, true);
    const client = connect(urls[index] ?? '', { tls, proxy: `https://localhost:${port}` });
    await firstValueFrom(client.publish('a', 'x', { qos: 1 }));
    await client.end();
    expect(proxies.asked.length).toBe(1);
  });

  it.each([
    [407, 'HTTP 407 No; check user name and password in the option proxy'],
    [403, 'HTTP 403 No; the proxy does not allow this host and port'],
    [502, 'HTTP 502 No; ask the operator of the proxy'],
  ])('a refusal with %d is a ConnectError that names proxy and status, and no password', async (status, why) => {
    const port = await proxies.http(status);
    const failure = await failureOf('mqtt://broker.example', { proxy: `http://me:secret@127.0.0.1:${port}` });
    expect(failure).toMatchObject({ name: 'ConnectError', code: 'CONNECTION_LOST' });
    expect(failure?.message).toBe(
      `connecting to mqtt://broker.example:1883 through the proxy http://127.0.0.1:${port} failed: ${why}`,
    );
    expect(JSON.stringify(failure) + String(failure?.stack)).not.toContain('secret');
  });

  it('is tried again when it refuses', async () => {
    const port = await proxies.http(503);
    const client = connect('mqtt://broker.example', {
      proxy: `http://127.0.0.1:${port}`,
      reconnect: { minDelay: 1, maxDelay: 1, maxAttempts: 3 },
    });
    await new Promise<void>((resolve) => client.state$.subscribe({ complete: resolve }));
    expect(proxies.asked.length).toBe(4);
  });

  it.each(['http', 'socks5'])('a %s proxy that is not there is named', async (scheme) => {
    const server = createServer();
    const port = await proxies.listen(server);
    await new Promise((resolve) => server.close(resolve));
    const failure = await failureOf('wss://broker.example', { proxy: `${scheme}://me:secret@127.0.0.1:${port}` });
    expect(failure?.message).toBe(
      `connecting to wss://broker.example:443 through the proxy ${scheme}://127.0.0.1:${port} failed: ` +
        'the connection to the proxy was refused; is it running?',
    );
  });

  it.each([
    ['http', 'garbage', 'the proxy did not answer in HTTP'],
    ['http', undefined, 'the proxy closed the connection'],
    ['socks5', 'garbage', 'Received invalid Socks5 initial handshake'],
    ['socks5', undefined, 'Socket closed'],
  ])('a %s proxy that answers "%s" is a typed error', async (scheme, answer, why) => {
    const port = await proxies.listen(
      createServer((socket) => {
        socket.once('data', () => (answer === undefined ? socket.end() : socket.end(`${answer}\r\n\r\n`)));
      }),
    );
    const failure = await failureOf('mqtt://broker.example', { proxy: `${scheme}://me:secret@127.0.0.1:${port}` });
    expect(failure).toMatchObject({ name: 'ConnectError', code: 'CONNECTION_LOST' });
    expect(failure?.message).toContain(why);
    expect(`${String(failure?.cause)}${failure?.message}`).not.toContain('secret');
  });

  it.each(['http', 'socks5'])('a %s proxy that hangs costs timeouts.proxy', async (scheme) => {
    const port = await proxies.listen(createServer());
    const failure = await failureOf('mqtt://broker.example', {
      proxy: `${scheme}://127.0.0.1:${port}`,
      timeouts: { proxy: 50 },
    });
    expect(failure).toMatchObject({ name: 'TimeoutError' });
    expect(failure?.message).toBe(
      `connecting to mqtt://broker.example:1883 through the proxy ${scheme}://127.0.0.1:${port} failed: ` +
        'Proxy took longer than 50 ms; is the broker reachable, and timeouts.proxy long enough?',
    );
  });

  it('does nothing for a Unix socket', async () => {
    const failure = await failureOf('unix:/no/such.sock', { proxy: 'http://127.0.0.1:1' });
    expect(failure?.message).toContain('unix:/no/such.sock failed: no such socket');
  });
});

describe('the option proxy', () => {
  const made = (options: ClientOptions): void => void connect({ url: 'mqtt://h', lazy: true, ...options }).end();

  it.each<[string, ClientOptions]>([
    ['transport', { transport: memory().transport }],
    ['ws.agent', { ws: { agent: {} } }],
  ])('excludes %s', (other, options) => {
    expect(() => made({ proxy: 'env', ...options })).toThrow(`connect: proxy and ${other} exclude each other`);
  });

  it.each(['proxy:3128', 'ftp://proxy', 'http://', 'http://me:secret@a b'])('"%s" is a TypeError', (proxy) => {
    let thrown: unknown;
    try {
      made({ proxy });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect(String(thrown)).toMatch(/write it like http:\/\/user:password@host:3128/);
    expect(String(thrown)).not.toContain('secret');
  });

  it('is a TypeError in a browser', () => {
    expect(() => connectBrowser('wss://h', { proxy: 'http://p', lazy: true })).toThrow(
      new TypeError('connect: proxy works on Node only; browsers use the proxy of the system'),
    );
  });

  it.each([
    ['http://p', 'http', 80],
    ['https://p', 'https', 443],
    ['socks5://p', 'socks5', 1080],
    ['socks5h://p', 'socks5', 1080],
    ['http://p:3128', 'http', 3128],
  ])('%s is %s at port %d', (url, scheme, port) => {
    expect(parseProxy(url)).toMatchObject({ scheme, host: 'p', port });
  });
});

describe("proxy: 'env'", () => {
  const chosen = (url: string, environment: NodeJS.ProcessEnv): string | undefined =>
    proxyOfEnvironment(parseUrl(url), environment)?.display;
  const all = { ALL_PROXY: 'socks5://all', HTTP_PROXY: 'http://plain', HTTPS_PROXY: 'http://secure:3128' };

  it.each([
    ['mqtt://b', 'http://plain:80'],
    ['tcp://b', 'http://plain:80'],
    ['ws://b', 'http://plain:80'],
    ['mqtts://b', 'http://secure:3128'],
    ['ssl://b', 'http://secure:3128'],
    ['wss://b', 'http://secure:3128'],
  ])('%s goes through %s', (url, proxy) => {
    expect(chosen(url, all)).toBe(proxy);
  });

  it('takes ALL_PROXY where nothing else is said, lower case before upper, and a host without a scheme', () => {
    expect(chosen('mqtts://b', { ALL_PROXY: 'socks5://all' })).toBe('socks5://all:1080');
    expect(chosen('mqtts://b', { ...all, https_proxy: 'http://small' })).toBe('http://small:80');
    expect(chosen('mqtts://b', { HTTPS_PROXY: 'proxy:3128' })).toBe('http://proxy:3128');
    expect(chosen('mqtt://b', {})).toBeUndefined();
    expect(chosen('mqtt://b', { HTTP_PROXY: '' })).toBeUndefined();
  });

  it('names the variable that cannot be used', () => {
    expect(() => chosen('mqtt://b', { HTTP_PROXY: 'ftp://me:secret@x' })).toThrow(
      /^HTTP_PROXY "ftp:\/\/x" cannot be used/,
    );
  });

  it.each([
    ['mqtt://b.example.org', '*', true],
    ['mqtt://b.example.org', 'example.org', true],
    ['mqtt://b.example.org', '.example.org', true],
    ['mqtt://b.example.org', '*.example.org', true],
    ['mqtt://example.org', 'example.org', true],
    ['mqtt://badexample.org', 'example.org', false],
    ['mqtt://b.example.org', 'other, B.EXAMPLE.ORG', true],
    ['mqtt://b.example.org', 'b.example.org:1883', true],
    ['mqtt://b.example.org', 'b.example.org:8883', false],
    ['mqtt://10.1.2.3', '10.0.0.0/8', true],
    ['mqtt://11.1.2.3', '10.0.0.0/8', false],
    ['mqtt://127.0.0.1', 'localhost,127.0.0.1', true],
    ['mqtt://[::1]', '::1', true],
    ['mqtt://[fd00::7]:99', '[fd00::7]:99', true],
    ['mqtt://[fd00::7]', 'fd00::/8', true],
    ['mqtt://b', '', false],
  ])('%s with NO_PROXY=%s: %s', (url, list, exempt) => {
    expect(chosen(url, { ALL_PROXY: 'http://p', NO_PROXY: list }) === undefined).toBe(exempt);
  });
});
