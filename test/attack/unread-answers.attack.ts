import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { LONGEST_TURN } from '../../src/broker/connection/turn.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { Attacker, bytesOf, repeated } from './support/attacker.js';
import { brokerProcesses } from './support/broker-process.js';
import { clientProcesses } from './support/client-process.js';
import { scaled } from './support/form.js';
import { pairs } from './support/pair.js';

const MB = 1024 * 1024;
const startBroker = brokerProcesses();
const startClient = clientProcesses();
const startPair = pairs();

const empty = new Uint8Array(0);

describe('a connection that never reads makes the broker keep no answers', () => {
  it.each([
    ['PINGREQ', bytesOf({ cmd: 'pingreq' })],
    ['PUBREL of an unknown identifier', bytesOf({ cmd: 'pubrel', packetId: 7, reasonCode: 0 })],
    ['PUBLISH at QoS 1', bytesOf(new PublishPacket('t', empty, 1, false, false, 7, undefined))],
    [
      'SUBSCRIBE',
      bytesOf({ cmd: 'subscribe', packetId: 7, subscriptions: [{ filter: 't', qos: 0 }], properties: undefined }),
    ],
  ])('%s', async (_name, packet) => {
    const { process, url } = await startBroker();
    const pair = await startPair(url);
    await pair.during(300);
    const quiet = await pair.during(500);
    const before = await process.measure();
    const attackers = [await Attacker.connect(url), await Attacker.connect(url)];
    await pair.begin();
    await Promise.all(attackers.map((attacker) => attacker.flood(repeated(packet, 10_000), scaled(2500, 15_000))));
    const during = await pair.end();
    const after = await process.measure();
    for (const attacker of attackers) attacker.destroy();
    expect(after.peak - before.resident).toBeLessThan(60 * MB);
    expect(after.longestBlock).toBeLessThan(Math.max(50, before.longestBlock) * 8);
    // A healthy client waits for a turn of each attacker, on any machine; three times that allows for what a turn runs over.
    const turns = 3 * attackers.length * LONGEST_TURN;
    expect(during.median).toBeLessThan(Math.max(quiet.median * 400, turns));
  });
});

test('a broker that never reads and sends PUBREC of unknown identifiers makes the client keep no answers', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => {
      socket.pause();
      socket.write(bytesOf({ cmd: 'connack', sessionPresent: false, reasonCode: 0, properties: undefined }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await startClient(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, { keepalive: 0 });
  await client.ask('connected');
  const before = await client.measure();
  const flood = repeated(bytesOf({ cmd: 'pubrec', packetId: 7, reasonCode: 0 }), 10_000);
  const until = performance.now() + scaled(2500, 15_000);
  const [socket] = sockets;
  while (performance.now() < until) {
    if (socket?.write(flood) === false) await Promise.race([once(socket, 'drain'), wait(until - performance.now())]);
    await wait(0);
  }
  const after = await client.measure();
  for (const one of sockets) one.destroy();
  server.close();
  expect(after.peak - before.resident).toBeLessThan(40 * MB);
});
