import { PacketDecoder } from '../../src/packet/decoder.js';
import { encode } from '../../src/packet/encode.js';
import type { Packet, PublishPacket } from '../../src/packet/packets.js';
import { PublishPacket as Publish } from '../../src/packet/publish-packet.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';

/** Messages `t/0` and on, in one chunk, with a PUBACK behind each and the beginning of another packet at the end. */
function chunkOf(count: number, size = 5): Uint8Array {
  const out = new WriteBuffer(1024);
  for (let n = 0; n < count; n++) {
    const message = new Publish(`t/${n}`, new Uint8Array(size).fill(n), 1, false, false, n + 1, undefined);
    encode(message, out, 4);
    encode({ cmd: 'puback', packetId: n + 1, reasonCode: 0, properties: undefined }, out, 4);
  }
  const bytes: number[] = [];
  for (const piece of out.take()) bytes.push(...piece);
  return Uint8Array.from([...bytes, 0x30, 4, 0]);
}

const seen = (packet: Packet): string =>
  packet.cmd === 'publish' ? `${packet.topic} ${packet.payload.join('')}` : packet.cmd;
const take = ({ payload }: PublishPacket): void => void structuredClone(null, { transfer: [payload.buffer] });

describe('a chunk that a handler takes away', () => {
  it.each([3, 20_000])('costs nothing that comes behind (%i bytes a message)', (size) => {
    for (const taken of [['t/0'], ['t/2'], ['t/0', 't/1', 't/2', 't/3'], ['t/3']]) {
      const decoder = new PacketDecoder({ protocolVersion: 4, maximumPacketSize: 1 << 20 });
      const log: string[] = [];
      const lengths: number[] = [];
      const emit = (packet: Packet): void => {
        log.push(seen(packet).slice(0, 6));
        if (packet.cmd !== 'publish') return;
        lengths.push(packet.payload.length);
        if (taken.includes(packet.topic)) take(packet);
      };
      decoder.decode(chunkOf(4, size), emit);
      decoder.decode(Uint8Array.from([1, 0x7a, 0x21]), emit);
      const all = [0, 1, 2, 3].flatMap((n) => [`t/${n} ${n}${n}`, 'puback']);
      expect(log).toEqual([...all, 'z 33']);
      expect(lengths).toEqual([size, size, size, size, 1]);
    }
  });

  it.each(['at once', 'during the hold'])('costs nothing that a hold keeps (%s)', (when) => {
    for (const size of [5, 50_000]) {
      const decoder = new PacketDecoder({ protocolVersion: 4, maximumPacketSize: 1 << 20 });
      const log: string[] = [];
      const taken: PublishPacket[] = [];
      const emit = (packet: Packet): void => {
        log.push(seen(packet).slice(0, 6));
        if (packet.cmd !== 'publish') return;
        if (when === 'at once') take(packet);
        else taken.push(packet);
        decoder.hold();
      };
      const chunk = chunkOf(4, size);
      // The first message comes in two parts.
      decoder.decode(chunk.slice(0, 4), emit);
      decoder.decode(chunk.slice(4), emit);
      decoder.decode(Uint8Array.from([1, 0x7a, 0x21]), emit);
      while (decoder.isOnHold) {
        for (const packet of taken.splice(0)) take(packet);
        decoder.proceed(emit);
      }
      expect(log).toEqual([...[0, 1, 2, 3].flatMap((n) => [`t/${n} ${n}${n}`, 'puback']), 'z 33']);
    }
  });

  it('and one that is decoded meanwhile are apart', () => {
    const log: string[] = [];
    const inner = new PacketDecoder({ protocolVersion: 4, maximumPacketSize: 1 << 20 });
    const outer = new PacketDecoder({ protocolVersion: 4, maximumPacketSize: 1 << 20 });
    outer.decode(chunkOf(3), (packet) => {
      log.push(seen(packet));
      if (packet.cmd !== 'publish') return;
      if (packet.topic === 't/0') inner.decode(chunkOf(2, 1), (other) => log.push(`inner ${seen(other)}`));
      take(packet);
    });
    expect(log).toEqual([
      't/0 00000',
      ...['inner t/0 0', 'inner puback', 'inner t/1 1', 'inner puback'],
      'puback',
      ...['t/1 11111', 'puback', 't/2 22222', 'puback'],
    ]);
  });
});
