import fc from 'fast-check';
import { encodeAny } from '../../src/packet/encode-any.js';
import type { Packet } from '../../src/packet/packets.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';
import { decoded, encoded, packetFrom, plain, toHex, VERSIONS } from './support.js';

const sides = ['client', 'server'] as const;
const cases = VERSIONS.flatMap((version) => sides.map((sender) => ({ version, sender })));

describe.each(cases)('MQTT $version, packets of a $sender', ({ version, sender }) => {
  const receiver = sender === 'client' ? 'server' : 'client';
  const packets = fc.array(packetFrom(sender, version), { minLength: 1, maxLength: 6 });
  const stream = (list: readonly Packet[]): Uint8Array => Buffer.concat(list.map((packet) => encoded(packet, version)));

  it('survive a round trip', () => {
    fc.assert(
      fc.property(packets, (list) => {
        expect(decoded([stream(list)], { version, receiver }).map(plain)).toEqual(list.map(plain));
      }),
      { numRuns: 300 },
    );
  });

  it('are written whole into blocks of any size', () => {
    fc.assert(
      fc.property(packets, fc.integer({ min: 1, max: 200 }), (list, blockSize) => {
        const out = new WriteBuffer(blockSize);
        for (const packet of list) encodeAny(packet, out, version);
        expect(toHex(Buffer.concat(out.take()))).toBe(toHex(stream(list)));
      }),
      { numRuns: 300 },
    );
  });

  it('decode alike from chunks of any size', () => {
    fc.assert(
      fc.property(
        packets,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
        (list, sizes) => {
          const bytes = stream(list);
          const chunks: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(decoded(chunks, { version, receiver }).map(plain)).toEqual(list.map(plain));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('decode alike when cut in two at any byte', () => {
    for (const list of fc.sample(packets, { numRuns: 5, seed: 20190307 })) {
      const bytes = stream(list);
      const expected = list.map(plain);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const chunks = [bytes.subarray(0, cut), bytes.subarray(cut)];
        expect(decoded(chunks, { version, receiver }).map(plain)).toEqual(expected);
      }
    }
  });
});
