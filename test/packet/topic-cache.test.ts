import fc from 'fast-check';
import { PacketDecoder } from '../../src/packet/decoder.js';
import { encodePublish } from '../../src/packet/encode.js';
import type { Packet } from '../../src/packet/packets.js';
import { TopicCache } from '../../src/packet/topic-cache.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';

/** Reads a topic that stands in the middle of a chunk. */
function read(topics: TopicCache, bytes: Uint8Array): string | undefined {
  const chunk = new Uint8Array(bytes.length + 7).fill(0x2b);
  chunk.set(bytes, 3);
  return topics.read(chunk, 3, 3 + bytes.length, new DataView(chunk.buffer));
}

const readText = (topics: TopicCache, topic: string): string | undefined =>
  read(topics, new TextEncoder().encode(topic));

const nameOf = (at: number): string => `row/${at % 7}/${at}`;

function frames(topics: readonly string[]): Uint8Array {
  const out = new WriteBuffer();
  topics.forEach((topic, at) => {
    const payload = new Uint8Array(at % 5).fill(at);
    encodePublish(out, 4, topic, payload, (at % 2) as 0 | 1, false, false, at % 2 === 0 ? 0 : at, undefined);
    // Something else in between.
    if (at % 11 === 5) out.append(new Uint8Array([0xd0, 0]));
  });
  return Buffer.concat(out.take());
}

const decoderOf = (): PacketDecoder => new PacketDecoder({ protocolVersion: 4, maximumPacketSize: Infinity });

function topicsOf(packets: readonly Packet[]): string[] {
  return packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet.topic] : []));
}

/** Decodes in chunks of these sizes. */
function decode(bytes: Uint8Array, sizes: readonly number[], emit: (packet: Packet) => void): void {
  const decoder = decoderOf();
  let at = 0;
  for (const size of sizes) {
    decoder.decode(bytes.subarray(at, at + size), emit);
    at += size;
  }
  decoder.decode(bytes.subarray(at), emit);
}

describe('the topic cache', () => {
  it.each([64, 1 << 16])('of %i slots reads every topic correctly, the first time and later', (maxSlots) => {
    const names = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 200 });
    fc.assert(
      fc.property(names, (some) => {
        const topics = new TopicCache(maxSlots);
        for (const topic of [...some, ...some]) {
          expect(readText(topics, topic)).toBe(/[\0+#]/.test(topic) ? undefined : topic);
        }
      }),
    );
  });

  it('matches a cached topic only by its exact UTF-8', () => {
    const topics = new TopicCache(64);
    expect(readText(topics, 'ö')).toBe('ö');
    expect(read(topics, new Uint8Array([0xf6]))).toBeUndefined();
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3 }), { maxLength: 40 }), (all) => {
        const seen = new TopicCache(64);
        for (const bytes of all) expect(read(seen, bytes)).toBe(read(new TopicCache(64), bytes));
      }),
    );
  });

  it.each([64, 1 << 16])('of %i slots finds 20 000 topics, every time', (maxSlots) => {
    const topics = new TopicCache(maxSlots);
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < 20_000; at++) {
        const name = `plant/hall-${at % 100}/${at}/value`;
        if (readText(topics, name) !== name) throw new Error(`${name} was misread`);
      }
    }
  });
});

describe('topics of decoded packets', () => {
  it('are right however the bytes are cut', () => {
    const name = fc.oneof(fc.nat(5999).map(nameOf), fc.constantFrom('a', 'ö/'.repeat(60), 'new'));
    const run = fc.tuple(name, fc.integer({ min: 1, max: 4 }));
    const rows = fc
      .array(run, { maxLength: 40 })
      .map((runs) => runs.flatMap(([topic, times]) => Array<string>(times).fill(topic)));
    fc.assert(
      fc.property(rows, fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 30 }), (topics, sizes) => {
        const packets: Packet[] = [];
        decode(frames(topics), sizes, (packet) => packets.push(packet));
        expect(topicsOf(packets)).toEqual(topics);
      }),
    );
  });

  it('are right when another connection decodes in between', () => {
    const outer = Array.from({ length: 50 }, (_, at) => nameOf(at * 3));
    const inner = Array.from({ length: 50 }, (_, at) => nameOf(5999 - at));
    const innerBytes = frames(inner);
    const seen: Packet[] = [];
    decode(frames(outer), [], (packet) => {
      seen.push(packet);
      const others: Packet[] = [];
      decode(innerBytes, [], (other) => others.push(other));
      expect(topicsOf(others)).toEqual(inner);
    });
    expect(topicsOf(seen)).toEqual(outer);
  });

  it('are delivered up to a malformed packet, and not after it', () => {
    const good = frames(['a', nameOf(1), nameOf(2)]);
    const bad = new Uint8Array([0x30, 3, 0, 9, 0x61]);
    const seen: Packet[] = [];
    expect(() => decode(Buffer.concat([good, bad, good]), [], (packet) => seen.push(packet))).toThrow(
      'PUBLISH ends within its topic',
    );
    expect(topicsOf(seen)).toEqual(['a', nameOf(1), nameOf(2)]);
  });

  it('are not delivered once the decoder is stopped', () => {
    const decoder = decoderOf();
    const seen: Packet[] = [];
    decoder.decode(frames([nameOf(1), nameOf(2), nameOf(3)]), (packet) => {
      seen.push(packet);
      if (seen.length === 2) decoder.stop();
    });
    expect(topicsOf(seen)).toEqual([nameOf(1), nameOf(2)]);
  });
});
