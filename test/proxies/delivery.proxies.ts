import dns from 'node:dns';
import { filter, firstValueFrom, from, lastValueFrom, mergeMap, take, toArray } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { connect, type ClientOptions, type MqttError } from '../../src/index.js';
import { makeCertificates } from '../support/certificates.js';
import { freePort } from '../support/free-ports.js';
import { PASSWORD, RealProxies, USERNAME } from './real-proxies.js';

const { ca, server } = makeCertificates();
const tls = { ca: ca.cert };
const SCHEMES = ['mqtt', 'mqtts', 'ws', 'wss'] as const;

let broker: Broker;
let urls: Readonly<Record<(typeof SCHEMES)[number], string>>;
let proxies: RealProxies;
let proxyUrls: Readonly<Record<string, string>>;

beforeAll(async () => {
  const listeners = ['mqtt://127.0.0.1:0', 'mqtts://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt', 'wss://127.0.0.1:0/mqtt'];
  broker = createBroker({ listeners, tls: { cert: server.cert, key: server.key } });
  const addresses = await broker.listening;
  urls = Object.fromEntries(
    SCHEMES.map((scheme, index) => {
      const { port, pathname } = new URL(addresses[index] ?? '');
      return [scheme, `${scheme}://localhost:${port}${pathname}`];
    }),
  ) as typeof urls;
  proxies = new RealProxies();
  const [squid, tinyproxy, dante, microsocks] = await Promise.all([
    proxies.squid(),
    proxies.tinyproxy(),
    proxies.dante(),
    proxies.microsocks(),
  ]);
  proxyUrls = {
    squid: `http://${USERNAME}:${PASSWORD}@127.0.0.1:${squid}`,
    tinyproxy: `http://127.0.0.1:${tinyproxy}`,
    dante: `socks5://127.0.0.1:${dante}`,
    microsocks: `socks5://${USERNAME}:${PASSWORD}@127.0.0.1:${microsocks}`,
  };
}, 60_000);
afterAll(async () => {
  await broker.close();
  await proxies.stop();
});

const ways = ['squid', 'tinyproxy', 'dante', 'microsocks'].flatMap((name) =>
  SCHEMES.map((scheme): [string, (typeof SCHEMES)[number]] => [name, scheme]),
);

/** Publishes and receives at each QoS; a payload that fills several buffers is among them. */
async function exchange(url: string, options: Omit<ClientOptions, 'url'>): Promise<number[]> {
  const client = connect(url, { tls, reconnect: false, ...options });
  const received = lastValueFrom(client.subscribe('proxied/#', { qos: 2 }).pipe(take(4), toArray()));
  await firstValueFrom(client.subscriptions$.pipe(filter((all) => all.get('proxied/#')?.status === 'active')));
  const sizes = [10, 20, 30, 300_000];
  const sending = from(sizes).pipe(
    mergeMap((size, index) => client.publish('proxied/a', Buffer.alloc(size, 7), { qos: (index % 3) as 0 | 1 | 2 })),
  );
  await lastValueFrom(sending);
  const messages = await received;
  await client.end();
  return messages.map(({ payload }) => payload.length).sort((a, b) => a - b);
}

it.each(ways)('[awscrt] websocket_proxy_options: through %s over %s', async (name, scheme) => {
  expect(await exchange(urls[scheme], { proxy: proxyUrls[name] ?? '' })).toEqual([10, 20, 30, 300_000]);
});

it.each(['squid', 'microsocks'])('the name of the broker is looked up by %s', async (name) => {
  const lookup = jest.spyOn(dns, 'lookup');
  try {
    await exchange(urls.mqtt, { proxy: proxyUrls[name] ?? '' });
    expect(lookup.mock.calls.filter(([host]) => host === 'localhost')).toEqual([]);
  } finally {
    lookup.mockRestore();
  }
});

describe("proxy: 'env'", () => {
  afterEach(() => {
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) delete process.env[name];
  });

  it.each<[string, keyof typeof urls, string]>([
    ['HTTP_PROXY', 'mqtt', 'squid'],
    ['HTTPS_PROXY', 'wss', 'tinyproxy'],
    ['ALL_PROXY', 'mqtts', 'microsocks'],
  ])('takes %s for %s', async (variable, scheme, name) => {
    process.env[variable] = proxyUrls[name];
    expect(await exchange(urls[scheme], { proxy: 'env' })).toHaveLength(4);
  });

  it('dials the hosts of NO_PROXY directly', async () => {
    process.env['ALL_PROXY'] = `http://127.0.0.1:${await freePort()}`;
    process.env['NO_PROXY'] = 'localhost';
    expect(await exchange(urls.mqtt, { proxy: 'env' })).toHaveLength(4);
  });
});

async function failureOf(url: string, proxy: string): Promise<MqttError | undefined> {
  const client = connect(url, { tls, proxy, reconnect: false });
  return new Promise((resolve) => {
    client.state$.subscribe((state) => {
      if (state.status === 'ended') resolve(state.reason);
    });
  });
}

const withPassword = (name: string, password: string): string => (proxyUrls[name] ?? '').replace(PASSWORD, password);

it.each([
  ['squid', /HTTP 407 Proxy Authentication Required; check user name and password/],
  ['microsocks', /Authentication failed; check user name and password/],
])('a wrong password at %s is a ConnectError that does not show it', async (name, message) => {
  const failure = await failureOf(urls.mqtt, withPassword(name, 'wr0ng-pony'));
  expect(failure).toMatchObject({ name: 'ConnectError', message: expect.stringMatching(message) as string });
  expect(`${failure?.message}${failure?.stack}${JSON.stringify(failure?.cause)}`).not.toContain('wr0ng-pony');
});

it('squid and microsocks want credentials', async () => {
  const bare = (name: string): string => (proxyUrls[name] ?? '').replace(`${USERNAME}:${PASSWORD}@`, '');
  expect((await failureOf(urls.wss, bare('squid')))?.message).toContain('HTTP 407');
  expect((await failureOf(urls.wss, bare('microsocks')))?.message).toContain('no accepted authentication type');
});

it('a port that tinyproxy does not allow is 403', async () => {
  const strict = await proxies.tinyproxy(443);
  expect((await failureOf(urls.mqtt, `http://127.0.0.1:${strict}`))?.message).toContain('HTTP 403');
});

it.each(['squid', 'tinyproxy', 'dante', 'microsocks'])(
  'a broker that %s cannot reach is a ConnectError',
  async (name) => {
    const failure = await failureOf(`mqtt://127.0.0.1:${await freePort()}`, proxyUrls[name] ?? '');
    expect(failure).toMatchObject({ name: 'ConnectError' });
    expect(failure?.message).toMatch(/through the proxy (http|socks5):\/\/127\.0\.0\.1:\d+ failed: /);
  },
);
