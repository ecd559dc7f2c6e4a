import { WriteBuffer } from '../../src/packet/write-buffer.js';
import { encodeAny } from '../../src/packet/encode-any.js';
import type { Packet } from '../../src/packet/packets.js';
import { PublishPacket } from '../../src/packet/publish-packet.js';
import { connectPacket, RawClient } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();
const PACKETS = 20_000;
const PER_CONNECTION = 100;

/** A small generator of its own, so that a failure can be had again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const payload = Uint8Array.of(1, 2, 3, 4, 5);
const samples: readonly Packet[] = [
  connectPacket({ clientId: 'fuzz', properties: { sessionExpiryInterval: 5, receiveMaximum: 10 } }),
  new PublishPacket('fuzz/a', payload, 0, false, false, 0, undefined),
  new PublishPacket('fuzz/b', payload, 1, true, false, 7, { messageExpiryInterval: 1, topicAlias: 3 }),
  new PublishPacket('fuzz/c', payload, 2, false, false, 8, { userProperties: [['a', 'b']], responseTopic: 'r' }),
  { cmd: 'pubrel', packetId: 8, reasonCode: 0 },
  { cmd: 'puback', packetId: 1, reasonCode: 0 },
  { cmd: 'pubrec', packetId: 2, reasonCode: 0 },
  { cmd: 'pubcomp', packetId: 2, reasonCode: 0x92 },
  {
    cmd: 'subscribe',
    packetId: 9,
    subscriptions: [
      { filter: 'fuzz/#', qos: 2 },
      { filter: '$share/g/fuzz/+', qos: 1 },
    ],
    properties: { subscriptionIdentifier: 5 },
  },
  { cmd: 'unsubscribe', packetId: 10, filters: ['fuzz/#'] },
  { cmd: 'pingreq' },
  { cmd: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 1 } },
  { cmd: 'auth', reasonCode: 0x18, properties: { authenticationMethod: 'x' } },
];

function bytesOf(packet: Packet, version: 4 | 5): Uint8Array {
  const out = new WriteBuffer();
  encodeAny(packet, out, version);
  return Uint8Array.from(Buffer.concat(out.take()));
}

function mutate(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let changes = random(4); changes > 0; changes--) copy[random(copy.length)] = random(256);
  if (random(10) === 0) return copy.subarray(0, random(copy.length));
  return copy;
}

test(`${PACKETS} mutated packets harm no other client and leave no connection behind`, async () => {
  const { broker, connect, urls } = await start({ limits: { connectTimeout: 500, connectRate: Infinity } });
  const witness = await connect({ clientId: 'witness' });
  await witness.subscribe('witness/#', 1);
  const random = randomFrom(42);
  for (let sent = 0; sent < PACKETS; sent += PER_CONNECTION) {
    const version = random(4) === 0 ? 4 : 5;
    const client = await RawClient.open(urls[0] ?? '', version);
    if (random(5) > 0)
      client.send(bytesOf(connectPacket({ protocolVersion: version, clientId: `fuzz${random(5)}` }), version));
    const chunks: Uint8Array[] = [];
    for (let count = 0; count < PER_CONNECTION; count++) {
      const usable = version === 4 ? samples.slice(0, -1) : samples;
      const sample = usable[random(usable.length)] as Packet;
      // Most stay whole: a connection that survives for a while sees more than one that ends at once.
      const bytes = bytesOf(sample.cmd === 'connect' ? { ...sample, protocolVersion: version } : sample, version);
      chunks.push(random(20) === 0 ? mutate(bytes, random) : bytes, mutate(bytes, random));
    }
    client.send(Uint8Array.from(Buffer.concat(chunks)));
    if (sent % 2000 === 0) {
      expect(await witness.publishAndWait('other', 'x', { qos: 1 })).toBeLessThan(0x80);
      expect(await witness.settle()).toEqual([]);
    }
    await client.cut();
  }
  expect(await witness.settle()).toEqual([]);
  broker.publish({ topic: 'witness/alive', payload: 'yes', qos: 1 });
  expect((await witness.message()).topic).toBe('witness/alive');
  expect(broker.counters.connections).toBe(PACKETS / PER_CONNECTION + 1);
}, 60_000);
