import { connect as dial, type Socket } from 'node:net';
import { once } from 'node:events';
import { encodeAny } from '../../src/packet/encode-any.js';
import { PacketDecoder } from '../../src/packet/decoder.js';
import type { Packet } from '../../src/packet/packets.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';
import { connectPacket } from '../support/raw-client.js';
import { brokers } from './support.js';

const start = brokers();

/** A subscriber without a client in between, which reads when it is told to. */
async function subscriber(port: number, clientId: string, ...filters: string[]): Promise<Socket> {
  const socket = dial(port, '127.0.0.1');
  const send = (packet: Packet): void => {
    const out = new WriteBuffer();
    encodeAny(packet, out, 5);
    for (const bytes of out.take()) socket.write(bytes);
  };
  send(connectPacket({ clientId }));
  await once(socket, 'data');
  send({ cmd: 'subscribe', packetId: 1, subscriptions: filters.map((filter) => ({ filter, qos: 0 })) });
  await once(socket, 'data');
  socket.pause();
  return socket;
}

// A frame is copied below 4096 bytes, and else goes out by reference.
test.each([100, 4090, 4096])('a slow subscriber gets complete messages, and only its own (%i bytes)', async (size) => {
  const { broker, urls } = await start();
  const port = Number(new URL(urls[0] ?? '').port);
  const quick = await subscriber(port, 'quick', 'public', 'private');
  const slow = await subscriber(port, 'slow', 'public', 'end');
  quick.resume();
  for (let count = 0; count < 2500; count++) {
    broker.publish({ topic: 'public', payload: Buffer.alloc(size, 'p') });
    await new Promise(setImmediate);
    broker.publish({ topic: 'private', payload: Buffer.alloc(size, 's') });
    await new Promise(setImmediate);
  }
  const seen = new Set<string>();
  const decoder = new PacketDecoder({ protocolVersion: 5, maximumPacketSize: 1e9 });
  slow.on('data', (chunk) => {
    decoder.decode(chunk, (packet) => {
      if (packet.cmd !== 'publish') seen.add(packet.cmd);
      else seen.add(`${packet.topic} ${[...new Set(Buffer.from(packet.payload).toString())].join('')}`);
    });
  });
  slow.resume();
  // It may come to nothing as long as the broker has more for this subscriber than it keeps.
  while (!seen.has('end e')) {
    broker.publish({ topic: 'end', payload: Buffer.from('e') });
    await new Promise(setImmediate);
  }
  expect([...seen].sort()).toEqual(['end e', 'public p']);
  quick.destroy();
  slow.destroy();
});
