import fc from 'fast-check';
import { DecodedTopics, hashOf } from '../../src/packet/decoded-topics.js';

const bytesOf = (topic: string): Uint8Array => new TextEncoder().encode(topic);

/** A topic in the middle of a chunk. */
function chunkWith(topic: string): { chunk: Uint8Array; end: number; view: DataView } {
  const bytes = bytesOf(topic);
  const chunk = new Uint8Array(bytes.length + 7).fill(0x2b);
  chunk.set(bytes, 3);
  return { chunk, end: 3 + bytes.length, view: new DataView(chunk.buffer) };
}

function read(topics: DecodedTopics, topic: string): string | undefined {
  const { chunk, end, view } = chunkWith(topic);
  return topics.find(chunk, 3, end, view, hashOf(view, 3, end));
}

function readAgain(topics: DecodedTopics, topic: string): string | undefined {
  const { end, view } = chunkWith(topic);
  return topics.confirm(topics.latest, 3, end, view);
}

describe('DecodedTopics', () => {
  it('reads every topic as it is, the first time and later, and numbers tell topics apart', () => {
    const names = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), { maxLength: 200 });
    fc.assert(
      fc.property(names, (some) => {
        const topics = new DecodedTopics();
        const numbers = new Map<number, string>();
        for (const topic of [...some, ...some]) {
          const isValid = !/[\0+#]/.test(topic);
          expect(read(topics, topic)).toBe(isValid ? topic : undefined);
          if (!isValid) expect(topics.id).toBe(0);
          if (topics.id === 0) continue;
          expect(numbers.get(topics.id) ?? topic).toBe(topic);
          numbers.set(topics.id, topic);
        }
      }),
    );
  });

  it('gives a topic its number when it comes first, and the same one each time', () => {
    const topics = new DecodedTopics();
    read(topics, 'a/b');
    const { id } = topics;
    expect(id).toBeGreaterThan(0);
    read(topics, 'a/c');
    expect(topics.id).not.toBe(id);
    read(topics, 'a/b');
    expect(topics.id).toBe(id);
  });

  it('knows the topic that was read last by its bytes alone, and no other', () => {
    const all = ['a', 'b', 'a/b', 'a/c', 'x/y/z', 'x/y/Z', 'x/y/z/'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...all), { maxLength: 30 }), (some) => {
        const topics = new DecodedTopics();
        expect(all.map((topic) => readAgain(topics, topic))).toEqual(all.map(() => undefined));
        for (const topic of some) {
          read(topics, topic);
          const { id } = topics;
          expect(all.map((other) => readAgain(topics, other))).toEqual(
            all.map((other) => (other === topic ? topic : undefined)),
          );
          expect(topics.id).toBe(id);
        }
      }),
    );
  });

  it('has no number for the empty topic that an alias stands for, nor for a very long one', () => {
    const topics = new DecodedTopics();
    read(topics, 'a');
    expect(read(topics, '')).toBe('');
    expect(topics.id).toBe(0);
    expect(read(topics, 'x'.repeat(257))).toBe('x'.repeat(257));
    expect(topics.id).toBe(0);
    read(topics, 'x'.repeat(256));
    expect(topics.id).toBeGreaterThan(0);
  });

  it('numbers 100 000 topics and finds them all again', () => {
    const topics = new DecodedTopics();
    const names = Array.from({ length: 100_000 }, (_, at) => `plant/hall-${at % 100}/${at}/value`);
    for (const name of names) read(topics, name);
    const numbers = new Set<number>();
    for (const name of names) {
      expect(read(topics, name)).toBe(name);
      if (topics.id > 0) numbers.add(topics.id);
    }
    expect(numbers.size).toBeGreaterThan(99_500);
  });

  it('starts over when it is full, and gives no number twice', () => {
    const topics = new DecodedTopics();
    const seen = new Set<number>();
    for (let at = 0; at < 300_000; at++) {
      const name = `request/${at}`;
      if (read(topics, name) !== name) throw new Error(`${name} was misread`);
      if (topics.id === 0) continue;
      if (seen.has(topics.id)) throw new Error(`${topics.id} was given twice`);
      seen.add(topics.id);
      if (readAgain(topics, name) !== name) throw new Error(`${name} is not known again`);
    }
    expect(seen.size).toBeGreaterThan(290_000);
  });
});
