import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createBroker, type Broker } from '../../src/broker/index.js';
import { userLine, usersOf } from '../../src/cli/users.js';
import { connectPacket, RawClient } from '../support/raw-client.js';

/** What strangers can do before the broker knows them, with a healthy client beside them. */
describe('strangers', () => {
  let broker: Broker;
  let url: string;
  const sockets: Socket[] = [];

  async function begin(options: Parameters<typeof createBroker>[0] = {}): Promise<RawClient> {
    broker = createBroker({ listeners: ['tcp://127.0.0.1:0'], sysInterval: 0, ...options });
    [url = ''] = await broker.listening;
    return RawClient.connect(url, { username: 'healthy', password: Buffer.from('secret') });
  }

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await broker.close();
  });

  async function open(first: Uint8Array): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = dial({ host: hostname, port: Number(port) });
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    socket.write(first);
    return socket;
  }

  /** The longest block of the event loop in ms while this goes on, and the growth of memory in MB. */
  async function measured(attack: () => Promise<unknown>): Promise<{ readonly block: number; readonly grown: number }> {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    const before = process.memoryUsage();
    delay.enable();
    await attack();
    delay.disable();
    const after = process.memoryUsage();
    return { block: delay.max / 1e6, grown: (after.rss - before.rss) / 2 ** 20 };
  }

  it.each([
    [
      'a PUBLISH of 16 MiB that does not end',
      Buffer.concat([Buffer.from('30fffffe07', 'hex'), Buffer.alloc(15 << 20)]),
    ],
    [
      'a CONNECT of 16 MiB that does not end',
      Buffer.concat([Buffer.from('10fffffe07', 'hex'), Buffer.alloc(15 << 20)]),
    ],
  ])(
    'hold no memory with %s, 50 times',
    async (_name, first) => {
      const healthy = await begin();
      const { grown } = await measured(async () => {
        const closed = Array.from({ length: 50 }, async () => {
          const socket = await open(first);
          await new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())));
        });
        await Promise.all(closed);
      });
      expect(grown).toBeLessThan(100);
      expect(await healthy.settle()).toEqual([]);
    },
    120_000,
  );

  it('do not block the event loop with CONNECTs as large as they may be, 500 times', async () => {
    const healthy = await begin({ authenticate: ({ username }) => username === 'healthy' });
    const userProperties = Array.from({ length: 500 }, (): [string, string] => ['name', 'x'.repeat(100)]);
    const connecting = connectPacket({ username: 'stranger', properties: { userProperties } });
    const one = await measured(async () => {
      const client = await RawClient.open(url);
      client.send(connecting);
      await client.closed();
    });
    const all = await measured(async () => {
      for (let round = 0; round < 50; round++) {
        const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.open(url)));
        for (const client of clients) client.send(connecting);
        await Promise.all(clients.map((client) => client.closed()));
        await healthy.settle();
      }
    });
    expect(all.block).toBeLessThan(one.block * 10 + 100);
    expect(all.grown).toBeLessThan(200);
  }, 120_000);

  it('do not keep a client out that is known, with logins of unknown users without end', async () => {
    const healthy = await begin({ authenticate: usersOf(await userLine('healthy', 'secret')) });
    let over = false;
    let answered = 0;
    const flood = Array.from({ length: 50 }, async (_, index) => {
      while (!over) {
        const client = await RawClient.open(url);
        client.send(connectPacket({ username: `${index} ${answered}`, password: Buffer.from('x') }));
        expect(await client.closed(60_000)).toMatchObject([{ cmd: 'connack' }]);
        answered++;
      }
    });
    for (let round = 0; round < 10; round++) {
      const again = await RawClient.connect(url, { username: 'healthy', password: Buffer.from('secret') });
      expect(again.connack.reasonCode).toBe(0);
      await again.disconnect();
      expect(await healthy.settle()).toEqual([]);
    }
    over = true;
    await Promise.all(flood);
    expect(answered).toBeGreaterThan(50);
  }, 120_000);
});
