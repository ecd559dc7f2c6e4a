import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { filter, firstValueFrom } from 'rxjs';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { connect, durable, memoryStore, type ClientOptions, type MqttClient } from '../../src/index.js';
import { granted, until } from '../support/numbered.js';
import { NOTHING_LEFT, watchResources } from '../support/resources.js';

let broker: Broker;
let url: string;
let deaf: Server;
let deafUrl: string;
const sockets = new Set<Socket>();

beforeAll(async () => {
  broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], sysInterval: 0 });
  [url = ''] = await broker.listening;
  deaf = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  deafUrl = `mqtt://127.0.0.1:${(deaf.address() as AddressInfo).port}`;
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => deaf.close(resolve));
  await broker.close();
});

const status = (client: MqttClient, wanted: string): Promise<unknown> =>
  firstValueFrom(client.state$.pipe(filter((state) => state.status === wanted)));

interface Case {
  readonly state: string;
  readonly url: () => string;
  readonly options?: Partial<ClientOptions>;
  readonly bring: (client: MqttClient) => Promise<unknown>;
}

const CASES: readonly Case[] = [
  {
    state: 'idle',
    url: () => url,
    options: { lazy: true },
    bring: () => Promise.resolve(),
  },
  { state: 'about to connect', url: () => url, bring: () => Promise.resolve() },
  {
    state: 'connecting to a broker that says nothing',
    url: () => deafUrl,
    bring: (client) => status(client, 'connecting'),
  },
  {
    state: 'reconnecting',
    url: () => 'mqtt://127.0.0.1:1',
    options: { reconnect: { minDelay: 60_000 } },
    bring: (client) => status(client, 'reconnecting'),
  },
  { state: 'connected', url: () => url, bring: (client) => status(client, 'connected') },
  {
    state: 'connected, with a store, a rate, an acknowledgement time-out and messages that wait',
    url: () => url,
    options: { store: durable(memoryStore()), ackTimeout: 60_000, offline: { rate: 1 } },
    bring: (client) => status(client, 'connected'),
  },
  {
    state: 'connected, with messages that are not acknowledged and fill the window',
    url: () => url,
    options: { properties: { receiveMaximum: 1 } },
    bring: async (client) => {
      let held = 0;
      client.subscribe('held', { qos: 1, ack: 'manual', linger: 60_000 }).subscribe(() => held++);
      await granted(client, 'held');
      for (let n = 0; n < 3; n++) client.publish('held', '', { qos: 1 }).subscribe();
      await until(() => held === 1);
    },
  },
];

describe.each(CASES)('a client that is $state', ({ url: urlOf, options, bring }) => {
  it.each([
    ['end()', { timeout: 20 }],
    ['end({ force: true })', { force: true }],
  ])(
    'leaves no timer and no socket after %s, and every Observable has settled',
    async (_, end) => {
      const watch = watchResources();
      const client = connect(urlOf(), { clientId: `leaks-${Math.random()}`, ...options });
      let settled = 0;
      const settle = { error: () => settled++, complete: () => settled++ };
      client.state$.subscribe(settle);
      client.stats$.subscribe(settle);
      client.subscriptions$.subscribe(settle);
      client.messages$.subscribe(settle);
      if (options?.lazy !== true) {
        client.subscribe('a/+', { qos: 2 }).subscribe(settle);
        client.publish('a/b', '', { qos: 1, properties: { messageExpiryInterval: 600 } }).subscribe(settle);
        client.publish('a/b', '', { qos: 2 }).subscribe(settle);
      }
      await bring(client);
      await client.end(end);
      expect(client.state.status).toBe('ended');
      expect(await watch.left()).toEqual(NOTHING_LEFT);
      expect(settled).toBe(options?.lazy === true ? 4 : 7);
    },
    20_000,
  );
});
