import { Duplex } from 'node:stream';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { firstValueFrom, of, take } from 'rxjs';
import { connect, memory, type ClientOptions, type MqttClient } from '../../src/index.js';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { memoryPair } from '../../src/transport/memory.js';

let broker: Broker;
const clients: MqttClient[] = [];

beforeEach(() => {
  broker = createBroker({ sysInterval: 0 });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end({ force: true })));
  await broker.close();
});

function client(options: ClientOptions): MqttClient {
  const made = connect(options);
  clients.push(made);
  return made;
}

const exchange = async (one: MqttClient, other: MqttClient): Promise<string> => {
  const received = firstValueFrom(one.subscribe('a', { qos: 1 }));
  await firstValueFrom(other.publish('b', 'warm', { qos: 1 }));
  await firstValueFrom(one.subscriptions$.pipe(take(1)));
  await firstValueFrom(one.publish('c', 'behind SUBSCRIBE', { qos: 1 }));
  other.publish('a', 'hello', { qos: 1 }).subscribe();
  return (await received).text();
};

/** Two ends of one stream. */
function duplexPair(): [Duplex, Duplex] {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write: (chunk, _, done) => {
        other().push(chunk);
        done();
      },
      final: (done) => {
        other().push(null);
        done();
      },
    });
  const ends: [Duplex, Duplex] = [make(() => ends[1]), make(() => ends[0])];
  return ends;
}

describe('transport', () => {
  test('dials the broker inside the process', async () => {
    const options = { url: 'mqtt://here', transport: broker.transport };
    expect(await exchange(client(options), client(options))).toBe('hello');
  });

  test('is refused by a broker that was closed', async () => {
    await broker.close();
    const late = client({ url: 'mqtt://here', transport: broker.transport, reconnect: false });
    await new Promise<void>((resolve) => late.state$.subscribe({ complete: resolve }));
    expect(late.state).toMatchObject({ status: 'ended', reason: { code: 'CONNECTION_LOST' } });
  });

  test('is hung up by close() in order, and by unsubscribing', async () => {
    const one = client({ url: 'mqtt://here', transport: broker.transport, reconnect: false });
    await firstValueFrom(one.publish('a', '', { qos: 1 }));
    const gone = firstValueFrom(broker.disconnected$);
    await one.end();
    await gone;
    const two = client({ url: 'mqtt://here', transport: broker.transport, reconnect: false });
    await firstValueFrom(two.publish('a', '', { qos: 1 }));
    await broker.close();
    expect(two.state).toMatchObject({ status: 'ended', reason: { reasonCode: 0x8b } });
  });
});

describe('serve()', () => {
  test('takes a connection', async () => {
    const net = memory();
    net.connections$.subscribe(({ connection }) => broker.serve(connection));
    const options = { url: 'mqtt://here', transport: net.transport };
    expect(await exchange(client(options), client(options))).toBe('hello');
  });

  test('takes a Node stream', async () => {
    const [near, far] = duplexPair();
    broker.serve(far);
    const connected = firstValueFrom(broker.connected$);
    near.write(Buffer.from('100f00044d5154540402003c0003647663', 'hex'));
    const [connack] = (await once(near, 'data')) as [Buffer];
    expect(connack.toString('hex')).toBe('20020000');
    expect((await connected).clientId).toBe('dvc');
    near.end();
  });

  test('reads no further in a chunk of any size while an authorizer decides', async () => {
    await broker.close();
    const decisions: ((answer: boolean) => void)[] = [];
    let isOpen = false;
    let asked = 0;
    broker = createBroker({
      sysInterval: 0,
      authorizePublish({ clientId }) {
        if (clientId !== 'dvc') return true;
        asked++;
        return isOpen || new Promise<boolean>((resolve) => decisions.push(resolve));
      },
    });
    const [near, far] = duplexPair();
    broker.serve(far);
    near.write(Buffer.from('100f00044d5154540402003c0003647663', 'hex'));
    await once(near, 'data');
    // QoS 0, to `t`: no window bounds these. PINGREQ comes last.
    const count = 50_000;
    near.write(Buffer.concat([Buffer.alloc(5 * count, Buffer.from('3003000174', 'hex')), Buffer.from('c000', 'hex')]));
    while (asked === 0) await new Promise((resolve) => setImmediate(resolve));
    const askedFirst = asked;
    expect(askedFirst).toBeLessThan(count);
    const options = { url: 'mqtt://here', transport: broker.transport };
    // The other clients have many turns.
    for (let pair = 0; pair < 5; pair++) expect(await exchange(client(options), client(options))).toBe('hello');
    expect(asked).toBe(askedFirst);
    isOpen = true;
    for (const decide of decisions) decide(true);
    const [pingresp] = (await once(near, 'data')) as [Buffer];
    expect(pingresp.toString('hex')).toBe('d000');
    expect(asked).toBe(count);
  });

  test('takes a socket that another server has accepted, and tells the hooks where it came in', async () => {
    const seen: string[] = [];
    await broker.close();
    broker = createBroker({
      sysInterval: 0,
      authenticate: ({ listener }) => {
        seen.push(listener);
        return true;
      },
    });
    const server = createServer((socket) => broker.serve(socket, { listener: 'mine' })).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const one = client({ url: `mqtt://127.0.0.1:${port}`, reconnect: false });
    await firstValueFrom(one.publish('a', '', { qos: 1 }));
    expect(seen).toEqual(['mine']);
    await one.end();
    server.close();
  });

  test('tells the hooks what it is told of a client whose stream knows nothing', async () => {
    const seen: unknown[] = [];
    await broker.close();
    broker = createBroker({
      sysInterval: 0,
      authenticate: ({ address, path, headers, origin, certificate }) => {
        seen.push({ address, path, headers, origin, certificate });
        return false;
      },
    });
    const refused = firstValueFrom(broker.refused$);
    const known = {
      address: '192.0.2.7:1',
      path: '/mqtt?a',
      headers: { origin: 'https://app.example' },
      certificate: {},
    };
    const [near, far] = duplexPair();
    broker.serve(far, known);
    near.write(Buffer.from('100f00044d5154540402003c0003647663', 'hex'));
    expect(await refused).toMatchObject({ address: '192.0.2.7:1', clientId: 'dvc' });
    expect(seen).toEqual([{ ...known, origin: 'https://app.example' }]);
    near.end();
  });

  test.each([
    ['nothing', undefined],
    ['a server', createServer()],
    ['a WebSocket', { on() {}, send() {} }],
  ])('refuses %s', (_name, what) => {
    expect(() => broker.serve(what as never)).toThrow(
      new TypeError(
        'serve: this is neither a Node stream nor a connection; give a socket, or createWebSocketStream(webSocket) of ws',
      ),
    );
  });

  test('takes what holds for its client, as a listener does', async () => {
    const net = memory();
    const policy = { maxQos: 1, retainAvailable: false, receiveMaximum: 7 } as const;
    net.connections$.subscribe(({ connection }) => broker.serve(connection, policy));
    const one = client({ url: 'mqtt://here', transport: net.transport, reconnect: false });
    const { negotiated } = await firstValueFrom(one.connected$);
    expect(negotiated).toMatchObject({ maximumQoS: 1, retainAvailable: false, receiveMaximum: 7 });
    const inside = client({ url: 'mqtt://here', transport: broker.transport });
    expect((await firstValueFrom(inside.connected$)).negotiated).toMatchObject({
      maximumQoS: 2,
      retainAvailable: true,
    });
  });

  test('bounds the queue of its client as it was told', async () => {
    const [near, far] = memoryPair();
    broker.serve(far, { queue: { queuedMessages: 2 } });
    const one = connect({
      url: 'mqtt://here',
      transport: () => of(near),
      clientId: 'away',
      clean: false,
      sessionExpiry: 60,
      reconnect: false,
    });
    one.subscribe('queued', { qos: 1 }).subscribe();
    await firstValueFrom(one.granted('queued'));
    await one.end();
    for (const payload of ['1', '2', '3']) broker.publish({ topic: 'queued', payload, qos: 1 });
    expect((await firstValueFrom(broker.sessions$)).get('away')?.queuedMessages).toBe(2);
  });

  test('names an option that it does not know', () => {
    const [, far] = memoryPair();
    expect(() => broker.serve(far, { maxQoS: 1 } as object)).toThrow(
      'serve: option "maxQoS" is unknown; did you mean maxQos?',
    );
  });

  test('cuts the connection when it is unsubscribed from', async () => {
    const [near, far] = memoryPair();
    const serving = broker.serve(far);
    const over = new Promise<void>((resolve) => near.incoming$.subscribe({ complete: resolve }));
    serving.unsubscribe();
    await over;
    expect(near.closed).toBe(true);
  });

  test('forgets a connection that has ended', () => {
    const [near, far] = memoryPair();
    const serving = broker.serve(far);
    near.destroy();
    expect(serving.closed).toBe(true);
  });
});
