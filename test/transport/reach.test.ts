import dns from 'node:dns';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import { WebSocketServer } from 'ws';
import { createBroker } from '../../src/broker/index.js';
import { connect as connectBrowser } from '../../src/browser.js';
import { connect, memory, type ClientOptions, type ConnectionState, type MqttClient } from '../../src/index.js';

type Status<S extends ConnectionState['status']> = Extract<ConnectionState, { status: S }>;
const stateOf = <S extends ConnectionState['status']>({ state$ }: MqttClient, status: S): Observable<Status<S>> =>
  state$.pipe(filter((state): state is Status<S> => state.status === status));

describe('connect()', () => {
  const urlOf = async (...given: [] | [ClientOptions]): Promise<string> => {
    const client = given.length === 0 ? connect() : connect(...given);
    const state = await firstValueFrom(stateOf(client, 'connecting'));
    await client.end({ force: true });
    return state.url;
  };

  it('[mqttproto] host_or_path=None: is mqtt://localhost without argument, and with options that name no broker', async () => {
    expect(await urlOf()).toBe('mqtt://localhost:1883');
    expect(await urlOf({})).toBe('mqtt://localhost:1883');
    expect(await urlOf({ clientId: 'hall-7', keepalive: 5 })).toBe('mqtt://localhost:1883');
  });

  it.each<[string, ClientOptions | undefined]>([
    ['undefined', undefined],
    ['url: undefined', { url: undefined } as unknown as ClientOptions],
    ['servers: []', { servers: [] }],
    ['transport alone', { transport: memory().transport }],
    ['beforeConnect alone', { beforeConnect: () => undefined }],
  ])('with %s is a TypeError: a variable that is not set must not end at localhost', (_what, options) => {
    expect(() => connect(options as ClientOptions)).toThrow(TypeError);
    expect(() => connect(options as ClientOptions)).toThrow(/url/);
  });

  it('is a TypeError in a browser', () => {
    expect(() => connectBrowser()).toThrow(new TypeError('connect: there is no url; give url or servers'));
    expect(() => connectBrowser({ keepalive: 5 })).toThrow(TypeError);
  });
});

describe('a dial', () => {
  it.each(['mqtt', 'ws'])('over %s tries all addresses of a name', async (scheme) => {
    const broker = createBroker({ listeners: [`${scheme}://127.0.0.1:0`] });
    const [address = ''] = await broker.listening;
    const { port } = new URL(address);
    const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.1'].map((host) => ({ address: host, family: 4 }));
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation(((
      _name: string,
      options: { all?: boolean },
      done: (error: null, found: unknown, family?: number) => void,
    ) => {
      if (options.all === true) done(null, addresses);
      else done(null, addresses[0]?.address, 4);
    }) as never);
    try {
      const client = connect(`${scheme}://many.example:${port}`, { reconnect: false });
      await firstValueFrom(client.publish('a', '', { qos: 1 }));
      await client.end();
    } finally {
      lookup.mockRestore();
      await broker.close();
    }
  });

  it('[mqttproto] websocket_path over a Unix socket: ws+unix:/path.sock:/mqtt', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rxmqtt-ws-unix-'));
    const path = join(folder, 'broker.sock');
    const server = createServer();
    const upgrades = new WebSocketServer({ server, handleProtocols: () => 'mqtt' });
    const asked: (string | undefined)[] = [];
    upgrades.on('connection', (socket, request) => {
      asked.push(request.url);
      socket.on('message', () => socket.send(Buffer.from([0x20, 3, 0, 0, 0])));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const client = connect(`ws+unix:${path}:/mqtt?token=t`, { reconnect: false });
    const { url } = await firstValueFrom(stateOf(client, 'connected'));
    expect(url).toBe(`ws+unix:${path}:/mqtt`);
    expect(asked).toEqual(['/mqtt?token=t']);
    await client.end({ force: true });
    for (const socket of upgrades.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  it.each(['mqtt', 'ws'])('over %s reaches an IPv6 address with a zone', async (scheme) => {
    const broker = createBroker({ listeners: [`${scheme}://[::1]:0`] });
    const [address = ''] = await broker.listening;
    const loopback = Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ internal }) => internal))?.[0];
    const client = connect(`${scheme}://[::1%25${loopback}]:${new URL(address).port}`, { reconnect: false });
    await firstValueFrom(client.publish('a', '', { qos: 1 }));
    await client.end();
    await broker.close();
  });
});
