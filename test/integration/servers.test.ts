import dns from 'node:dns';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { filter, firstValueFrom, lastValueFrom, timeout } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { connect as connectBrowser } from '../../src/browser.js';
import { connect, type ClientOptions, type MqttClient } from '../../src/index.js';
import { encode } from '../../src/packet/index.js';
import { testBroker, type RunningTestBroker } from '../../src/testing/index.js';
import { makeCertificates } from '../support/certificates.js';
import { DnsStub } from '../support/dns-stub.js';

const clients: MqttClient[] = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.end({ force: true }))));

function open(options: ClientOptions): MqttClient {
  const client = connect({ log: false, reconnect: { minDelay: 20, maxDelay: 100, jitter: 'none' }, ...options });
  clients.push(client);
  return client;
}

const portOf = (url: string): number => Number(new URL(url).port);

/** Waits until the client is connected to a server. */
async function untilAt(client: MqttClient, url: string): Promise<void> {
  const isThere$ = client.state$.pipe(filter((state) => state.status === 'connected' && state.url === url));
  await firstValueFrom(isThere$.pipe(timeout(10_000)));
}

describe('redirects over three brokers', () => {
  let nodes: RunningTestBroker[];
  beforeEach(async () => {
    nodes = await Promise.all([testBroker(), testBroker(), testBroker()]);
  });
  afterEach(() => Promise.all(nodes.map((node) => node.close())));
  const urls = () => nodes.map(({ url }) => url);
  const place = (at: number) => `127.0.0.1:${portOf(urls()[at] ?? '')}`;

  it('a client goes from node to node as each sends it on (0x9C), with its subscriptions and what waits', async () => {
    const [a = '', b = '', c = ''] = urls();
    nodes[0]?.line('c').redirect(place(1));
    const client = open({ servers: [a, b, c], clientId: 'c', followRedirect: true });
    const received: string[] = [];
    client.subscribe('hall/#', { qos: 1 }).subscribe((message) => received.push(message.text()));
    await untilAt(client, b);
    await firstValueFrom(client.granted('hall/#'));
    await lastValueFrom(client.publish('hall/1', 'at b', { qos: 1 }));
    nodes[1]?.line('c').redirect(place(2));
    const waits = lastValueFrom(client.publish('hall/1', 'at c', { qos: 1 }));
    await untilAt(client, c);
    await waits;
    await firstValueFrom(client.granted('hall/#'));
    await lastValueFrom(client.publish('hall/1', 'still there', { qos: 1 }));
    expect(received.filter((text) => text === 'at b')).toHaveLength(1);
    expect(received).toContain('still there');
  });

  it('nodes that send it in circles are left after maxHops, with backoff', async () => {
    const [a = '', b = '', c = ''] = urls();
    const dialled: string[] = [];
    nodes.forEach((node, at) => {
      // Each sends it on to the next, for as long as it asks.
      node.connected$.subscribe(({ clientId }) => node.line(clientId).redirect(place((at + 1) % 3)));
    });
    const client = open({ servers: [a, b, c], clientId: 'c', followRedirect: { maxHops: 4 } });
    const failed = firstValueFrom(
      client.state$.pipe(
        filter((state) => {
          if (state.status === 'connecting') dialled.push(state.url);
          return state.status === 'reconnecting' && state.delay !== 0;
        }),
        timeout(10_000),
      ),
    );
    expect(await failed).toMatchObject({ reason: { reasonCode: 0x9c } });
    // Five connections: the first, and four hops.
    expect(dialled).toEqual([a, b, c, a, b]);
  });

  it('only nodes that the options name learn the password', async () => {
    const [a = '', b = ''] = urls();
    nodes[0]?.line('c').redirect(place(1));
    nodes[1]?.line('c').redirect(place(2));
    const client = open({ servers: [a, b], clientId: 'c', followRedirect: true, username: 'ann', password: 'secret' });
    await untilAt(client, urls()[2] ?? '');
    const users = nodes.map((node) =>
      node
        .wire('c')
        .find((line) => line.includes('CONNECT '))
        ?.includes('user=ann'),
    );
    expect(users).toEqual([true, true, false]);
  });

  it('a place that allow() does not let pass is not dialled', async () => {
    const [a = '', , c = ''] = urls();
    nodes[0]?.line('c').redirect(`${place(1)} ${place(2)}`);
    const allow = (url: string): boolean => portOf(url) !== portOf(urls()[1] ?? '');
    const client = open({ url: a, clientId: 'c', followRedirect: { allow } });
    await untilAt(client, c);
    expect(nodes[1]?.wire('c')).toEqual([]);
  });
});

describe('a node that has moved for good (0x9D)', () => {
  let front: Server;
  let refused: number;
  let home: RunningTestBroker;
  beforeEach(async () => {
    home = await testBroker();
    refused = 0;
    const serverReference = `127.0.0.1:${portOf(home.url)}`;
    front = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => {
        refused++;
        const moved = {
          cmd: 'connack',
          sessionPresent: false,
          reasonCode: 0x9d,
          properties: { serverReference },
        } as const;
        socket.end(encode(moved, 5));
      });
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await home.close();
    await new Promise((resolve) => front.close(resolve));
  });

  it('is asked once; later connections go to where it has moved', async () => {
    const { port } = front.address() as AddressInfo;
    const client = open({ url: `mqtt://127.0.0.1:${port}`, clientId: 'c', followRedirect: true });
    await untilAt(client, home.url);
    const again = firstValueFrom(client.state$.pipe(filter(({ status }) => status === 'reconnecting')));
    home.line('c').cut();
    await again;
    await untilAt(client, home.url);
    expect(refused).toBe(1);
  });
});

describe('mqtt+srv:// and mqtts+srv://', () => {
  const before = dns.getServers();
  let stub: DnsStub;
  let brokers: Broker[];
  let ports: number[];
  beforeAll(async () => {
    stub = await DnsStub.start();
    const { cert, key } = makeCertificates().server;
    brokers = ['tcp', 'tcp', 'tls'].map((scheme) =>
      createBroker({ listeners: [`${scheme}://127.0.0.1:0`], tls: { cert, key } }),
    );
    ports = (await Promise.all(brokers.map(({ listening }) => listening))).map(([url = '']) => portOf(url));
  }, 30_000);
  afterAll(async () => {
    dns.setServers(before);
    await Promise.all(brokers.map((broker) => broker.close()));
    await stub.stop();
  });
  const record = (port = 0, priority = 0) => ({ name: 'localhost', port, priority, weight: 1 });
  const socket = { family: 4 } as const;

  it('find their servers by the name servers of the process, and once more when these have changed', async () => {
    dns.setServers([stub.address]);
    stub.records.set('_mqtt._tcp.example.org', [record(ports[0])]);
    const client = open({ url: 'mqtt+srv://example.org', socket });
    await untilAt(client, `mqtt://localhost:${ports[0]}`);
    stub.records.set('_mqtt._tcp.example.org', [record(ports[1])]);
    brokers[0]?.dropConnections();
    await untilAt(client, `mqtt://localhost:${ports[1]}`);
    expect(stub.asked.filter((name) => name === '_mqtt._tcp.example.org').length).toBeGreaterThanOrEqual(2);
  });

  it('find them by a resolver of the application, and verify their certificates', async () => {
    const resolver = new dns.promises.Resolver();
    resolver.setServers([stub.address]);
    const resolveSrv = (name: string) => resolver.resolveSrv(name);
    stub.records.set('_secure-mqtt._tcp.localhost', [record(ports[2])]);
    const tls = { ca: makeCertificates().ca.cert };
    const client = open({ url: 'mqtts+srv://localhost', socket: { ...socket, resolveSrv }, tls });
    await untilAt(client, `mqtts://localhost:${ports[2]}`);
    // Outside of the domain, DNS may not choose the name that the certificate is checked against.
    stub.records.set('_secure-mqtt._tcp.example.org', [record(ports[2])]);
    const other = open({ url: 'mqtts+srv://example.org', socket: { ...socket, resolveSrv }, tls, reconnect: false });
    await expect(lastValueFrom(other.connected$)).rejects.toThrow('set tls.servername');
  });

  it('go over to the servers of the next priority, and return', async () => {
    const resolver = new dns.promises.Resolver();
    resolver.setServers([stub.address]);
    const resolveSrv = (name: string) => resolver.resolveSrv(name);
    const main = createBroker({ listeners: ['tcp://127.0.0.1:0'] });
    const port = portOf((await main.listening)[0] ?? '');
    stub.records.set('_mqtt._tcp.two.example', [record(port, 1), record(ports[1], 2)]);
    const client = open({ url: 'mqtt+srv://two.example', socket: { ...socket, resolveSrv }, returnAfter: 200 });
    await untilAt(client, `mqtt://localhost:${port}`);
    await main.close();
    await untilAt(client, `mqtt://localhost:${ports[1]}`);
    const again = createBroker({ listeners: [`tcp://127.0.0.1:${port}`] });
    await again.listening;
    await untilAt(client, `mqtt://localhost:${port}`);
    await client.end();
    await again.close();
  });

  it('are a TypeError in browsers, whatever else is given', () => {
    const wss = 'wss://example.org/mqtt';
    const message = 'connect: mqtt+srv://example.org works on Node only: its servers are looked up in DNS';
    for (const options of [
      {},
      { beforeConnect: () => undefined },
      { servers: [wss, 'mqtt+srv://u:secret@example.org'] },
    ]) {
      expect(() => connectBrowser({ servers: ['mqtt+srv://example.org'], ...options })).toThrow(TypeError);
      expect(() => connectBrowser({ servers: ['mqtt+srv://example.org'], ...options })).toThrow(message);
    }
  });
});
