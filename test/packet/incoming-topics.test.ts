import fc from 'fast-check';
import { PacketDecoder } from '../../src/packet/decoder.js';
import { encodePublish } from '../../src/packet/encode.js';
import { incomingTopics } from '../../src/packet/read-publish.js';
import type { Packet } from '../../src/packet/packets.js';
import { WriteBuffer } from '../../src/packet/write-buffer.js';

/** So many that each of them is seldom the one before. */
const MANY = 6000;

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

describe('looking ahead', () => {
  beforeAll(() => {
    decode(frames(Array.from({ length: MANY }, (_, at) => nameOf(at))), [], () => undefined);
  });

  it('changes nothing in what is decoded, however the bytes are cut', () => {
    const name = fc.oneof(fc.nat(MANY - 1).map(nameOf), fc.constantFrom('a', 'ö/'.repeat(60), 'new'));
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

  it('foresees the numbers of topics that were there before', () => {
    let { looks } = incomingTopics;
    let at = 0;
    let right = 0;
    decode(frames(Array.from({ length: MANY }, (_, index) => nameOf((index * 7) % MANY))), [], (packet) => {
      if (packet.cmd !== 'publish') return;
      at = incomingTopics.looks === looks ? at + 1 : 0;
      ({ looks } = incomingTopics);
      if (incomingTopics.ids[at] === packet.topicId) right++;
    });
    expect(right).toBeGreaterThan(MANY * 0.99);
  });

  it('is not confused by another connection whose bytes are decoded in between', () => {
    const outer = Array.from({ length: 50 }, (_, at) => nameOf(at * 3));
    const inner = Array.from({ length: 50 }, (_, at) => nameOf(MANY - 1 - at));
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

  it('delivers what is whole before a packet that is malformed, and nothing behind it', () => {
    const good = frames(['a', nameOf(1), nameOf(2)]);
    const bad = new Uint8Array([0x30, 3, 0, 9, 0x61]);
    const seen: Packet[] = [];
    expect(() => decode(Buffer.concat([good, bad, good]), [], (packet) => seen.push(packet))).toThrow(
      'PUBLISH ends within its topic',
    );
    expect(topicsOf(seen)).toEqual(['a', nameOf(1), nameOf(2)]);
  });

  it('delivers nothing of the chunk once the decoder is stopped', () => {
    const decoder = decoderOf();
    const seen: Packet[] = [];
    decoder.decode(frames([nameOf(1), nameOf(2), nameOf(3)]), (packet) => {
      seen.push(packet);
      if (seen.length === 2) decoder.stop();
    });
    expect(topicsOf(seen)).toEqual([nameOf(1), nameOf(2)]);
  });
});
