import fc from 'fast-check';
import { EncodedTopics as AnewTopics } from '../../src/packet/encoded-topics.browser.js';
import { EncodedTopics } from '../../src/packet/encoded-topics.js';
import { Exchanges as MapOfExchanges } from '../../src/session/exchanges.browser.js';
import { Exchanges } from '../../src/session/exchanges.js';
import { Fifo as ArrayFifo } from '../../src/session/fifo.browser.js';
import { Fifo } from '../../src/session/fifo.js';
import { Outgoing } from '../../src/session/outgoing.js';
import { PacketIds as SetOfIds } from '../../src/session/packet-ids.browser.js';
import { PacketIds } from '../../src/session/packet-ids.js';
import { TopicTrie as FilterList } from '../../src/topic/topic-trie.browser.js';
import { TopicTrie } from '../../src/topic/topic-trie.js';
import * as textOfPages from '../../src/utf8.browser.js';
import * as text from '../../src/utf8.js';

/** What stands in the browser build in place of a module that is made for speed does the same. */
describe('the browser twin', () => {
  const level = fc.constantFrom('a', 'b', '', '$x', '+');
  const topic = fc
    .array(fc.constantFrom('a', 'b', '', '$x'), { minLength: 1, maxLength: 4 })
    .map((all) => all.join('/'));
  const filter = fc
    .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'));

  it('of the topic trie holds and matches the same filters', () => {
    const step = fc.tuple(fc.constantFrom('add', 'remove', 'match'), filter, topic, fc.nat({ max: 3 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [twin, trie] = [new FilterList<number>(), new TopicTrie<number>()];
        for (const [kind, under, name, value] of steps) {
          if (kind === 'add') [twin, trie].forEach((one) => one.add(under, value));
          if (kind === 'remove') expect(twin.remove(under, value)).toBe(trie.remove(under, value));
          const found = [twin, trie].map((one) => {
            const into: number[] = [];
            one.match(name, into);
            return into.sort();
          });
          expect(found[0]).toEqual(found[1]);
          expect(twin.size).toBe(trie.size);
          expect([...twin.valuesOf(under)].sort()).toEqual([...trie.valuesOf(under)].sort());
          expect([...twin.values()].sort()).toEqual([...trie.values()].sort());
        }
      }),
    );
  });

  it('of UTF-8 reads, writes and measures the same', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'a', '\0') }),
    );
    fc.assert(
      fc.property(any, fc.uint8Array({ maxLength: 12 }), (given, bytes) => {
        expect(textOfPages.isWellFormed(given)).toBe(text.isWellFormed(given));
        expect(textOfPages.readUtf8(bytes, 0, bytes.length)).toBe(text.readUtf8(bytes, 0, bytes.length));
        expect(textOfPages.isUtf8(bytes)).toBe(text.isUtf8(bytes));
        expect(textOfPages.decodeUtf8(bytes)).toBe(text.decodeUtf8(bytes));
        if (!text.isWellFormed(given)) return;
        expect(textOfPages.utf8Length(given)).toBe(text.utf8Length(given));
        const [here, there] = [new Uint8Array(200), new Uint8Array(200)];
        expect(textOfPages.writeUtf8(given, here, 3)).toBe(text.writeUtf8(given, there, 3));
        expect(here).toEqual(there);
        expect([...textOfPages.encodeUtf8(given)]).toEqual([...text.encodeUtf8(given)]);
      }),
    );
    expect(Object.keys(textOfPages).sort()).toEqual(Object.keys(text).sort());
  });

  it('of the topics of packets writes the same', () => {
    fc.assert(
      fc.property(fc.oneof(topic, filter, fc.string({ unit: 'binary' })), (given) => {
        const [anew, cached] = [new AnewTopics().bytesOf(given), new EncodedTopics().bytesOf(given)];
        expect(anew === undefined ? undefined : [...anew]).toEqual(cached === undefined ? undefined : [...cached]);
      }),
    );
  });

  it('of packet identifiers gives out the same', () => {
    const step = fc.tuple(fc.constantFrom('take', 'release', 'reserve'), fc.integer({ min: 1, max: 8 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [twin, bits] = [new SetOfIds(), new PacketIds()];
        for (const [kind, id] of steps) {
          if (kind === 'take') expect(twin.take()).toBe(bits.take());
          else [twin, bits].forEach((ids) => ids[kind](id));
          expect(twin.size).toBe(bits.size);
        }
      }),
    );
    const all = new SetOfIds();
    for (let id = 1; id <= 65535; id++) all.take();
    expect([all.size, all.take()]).toEqual([65535, 0]);
  });

  it('of the queue keeps the same order', () => {
    const step = fc.constantFrom('push', 'unshift', 'shift', 'peek', 'drain', 'look');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const [twin, ring] = [new ArrayFifo<number>(), new Fifo<number>()];
        steps.forEach((kind, at) => {
          if (kind === 'push' || kind === 'unshift') [twin, ring].forEach((queue) => queue[kind](at));
          else if (kind === 'look') expect([...twin]).toEqual([...ring]);
          else expect(twin[kind]()).toEqual(ring[kind]());
          expect(twin.size).toBe(ring.size);
        });
      }),
    );
  });

  it('of the open exchanges finds the same, in the order of sending', () => {
    const message = (packetId: number): Outgoing => {
      const made = new Outgoing('a', new Uint8Array(0), 1, false, undefined, undefined);
      made.packetId = packetId;
      return made;
    };
    const order = (exchanges: Iterable<Outgoing>): number[] => [...exchanges].map(({ packetId }) => packetId);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (ids) => {
        const [twin, table] = [new MapOfExchanges(), new Exchanges()];
        for (const id of ids) {
          const open = table.get(id);
          if (open === undefined) [twin, table].forEach((exchanges) => exchanges.add(message(id)));
          else {
            table.remove(open);
            twin.remove(twin.get(id) as Outgoing);
          }
          expect(order(twin)).toEqual(order(table));
          expect(twin.size).toBe(table.size);
        }
        expect(order(twin.drain())).toEqual(order(table.drain()));
        expect([twin.size, [...twin]]).toEqual([0, []]);
      }),
    );
  });
});
