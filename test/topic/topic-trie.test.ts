/**
 * Both files that package.json has for `#topic-trie`.
 *
 * @jest-environment-options {"customExportConditions": ["browser"]}
 */
import { TopicTrie as Chosen } from '#topic-trie';
import fc from 'fast-check';
import { matches } from '../../src/topic/matches.js';
import { TopicTrie as TopicTrieOfPages } from '../../src/topic/topic-trie.browser.js';
import { TopicTrie } from '../../src/topic/topic-trie.js';
import { filters, topics } from './arbitraries.js';

/** What either file exports. */
type Trie<T extends NonNullable<unknown>> = Pick<TopicTrie<T>, keyof TopicTrie<T>>;
type TrieClass = new <T extends NonNullable<unknown>>() => Trie<T>;

function found<T extends NonNullable<unknown>>(trie: Trie<T>, topic: string): T[] {
  const into: T[] = [];
  trie.match(topic, into);
  return into;
}

function trieOf(type: TrieClass, ...of: string[]): Trie<string> {
  const trie = new type<string>();
  for (const filter of of) trie.add(filter, filter);
  return trie;
}

it('in browsers, `#topic-trie` is the file for browsers', () => {
  expect(Chosen).toBe(TopicTrieOfPages);
});

describe.each<[string, TrieClass]>([
  ['', TopicTrie],
  [' in browsers', TopicTrieOfPages],
])('TopicTrie%s', (_, Trie) => {
  it('finds the values of exact and of wildcard filters', () => {
    const trie = trieOf(Trie, 'a/b', 'a/+', 'a/#', '#', '+/b', 'a/b/#', 'a/b/c', 'b/#', '+/+/+');
    expect(found(trie, 'a/b').sort()).toEqual(['#', '+/b', 'a/#', 'a/+', 'a/b', 'a/b/#']);
    expect(found(trie, 'a').sort()).toEqual(['#', 'a/#']);
    expect(found(trie, 'c')).toEqual(['#']);
  });

  it('[v5 MQTT-4.7.2-1] finds nothing under a leading wildcard for a topic that begins with $', () => {
    const trie = trieOf(Trie, '#', '+/a', '+/#', '$SYS/#', '$SYS/+', '$SYS/a');
    expect(found(trie, '$SYS/a').sort()).toEqual(['$SYS/#', '$SYS/+', '$SYS/a']);
  });

  it('appends to the array, each value once per filter', () => {
    const trie = new Trie<number>();
    for (const filter of ['a', '+', '#', '+', 'a']) trie.add(filter, 7);
    const into = [1];
    trie.match('a', into);
    expect(into).toEqual([1, 7, 7, 7]);
    expect(trie.size).toBe(3);
  });

  it('returns the same result when asked again', () => {
    const trie = trieOf(Trie, '+/a', 'b/+', '+/+', '#');
    expect(found(trie, 'b/a').sort()).toEqual(['#', '+/+', '+/a', 'b/+']);
    expect(found(trie, 'b/a').sort()).toEqual(['#', '+/+', '+/a', 'b/+']);
    expect(found(trie, 'c/d').sort()).toEqual(['#', '+/+']);
  });

  it.each(['a', 'a/+', '#', '/#', '+/'])('removes one of two values of %s and keeps the other', (filter) => {
    const trie = new Trie<string>();
    trie.add(filter, 'one');
    trie.add(filter, 'two');
    expect(trie.remove(filter, 'one')).toBe(true);
    expect(trie.remove(filter, 'one')).toBe(false);
    expect([...trie.values()]).toEqual(['two']);
    expect(trie.size).toBe(1);
  });

  it.each(['a', 'a/+', '+/+', 'a/#', '#', 'a/+/c'])('knows that %s was never added', (filter) => {
    const trie = trieOf(Trie, 'b', 'a/+/b', '+', '+/#');
    expect(trie.remove(filter, filter)).toBe(false);
    expect(trie.size).toBe(4);
  });

  it('separates the values of one filter from those of filters with the same beginning or matches', () => {
    const some = ['a', 'a/+', 'a/+/b', 'a/+/b/#', 'a/b/+', 'a/b/#', '#', '+', '+/#'];
    const trie = trieOf(Trie, ...some);
    trie.add('a/b/+', 'another');
    for (const filter of some) {
      expect([...trie.valuesOf(filter)]).toEqual(filter === 'a/b/+' ? [filter, 'another'] : [filter]);
    }
    for (const filter of ['b', 'a/#', 'a/+/+', 'a/+/b/c/#', 'a/b/+/#', '+/+'])
      expect([...trie.valuesOf(filter)]).toEqual([]);
  });

  it('separates two filters that share very many levels, and merges them again', () => {
    const levels = 'a/'.repeat(30_000);
    const trie = trieOf(Trie, `${levels}+`, `${levels}b/#`);
    expect(found(trie, `${levels}b`).sort()).toEqual([`${levels}+`, `${levels}b/#`].sort());
    expect(trie.remove(`${levels}+`, `${levels}+`)).toBe(true);
    expect(found(trie, `${levels}b`)).toEqual([`${levels}b/#`]);
    expect(trie.remove(`${levels}b/#`, `${levels}b/#`)).toBe(true);
    expect([...trie.values()]).toEqual([]);
  });

  it('agrees with matches() on random filters and topics', () => {
    fc.assert(
      fc.property(fc.array(filters, { maxLength: 30 }), fc.array(topics, { minLength: 1 }), (some, published) => {
        const trie = trieOf(Trie, ...some);
        for (const topic of published) {
          expect(found(trie, topic).sort()).toEqual([...new Set(some)].filter((f) => matches(f, topic)).sort());
        }
      }),
      { numRuns: 500 },
    );
  });

  it('holds exactly the added values, and nothing once all are removed', () => {
    const operations = fc.array(fc.tuple(fc.boolean(), filters, fc.nat(2)), { maxLength: 60 });
    fc.assert(
      fc.property(operations, topics, (steps, topic) => {
        const trie = new Trie<number>();
        const model = new Map<string, Set<number>>();
        for (const [add, filter, value] of steps) {
          const held = model.get(filter) ?? new Set();
          model.set(filter, held);
          if (add) {
            trie.add(filter, value);
            held.add(value);
          } else {
            expect(trie.remove(filter, value)).toBe(held.delete(value));
          }
        }
        const pairs = [...model].flatMap(([filter, held]) => [...held].map((value) => ({ filter, value })));
        expect(trie.size).toBe(pairs.length);
        expect([...trie.values()].sort()).toEqual(pairs.map(({ value }) => value).sort());
        expect(found(trie, topic).sort()).toEqual(
          pairs
            .filter(({ filter }) => matches(filter, topic))
            .map(({ value }) => value)
            .sort(),
        );
        for (const { filter, value } of pairs) expect(trie.remove(filter, value)).toBe(true);
        // Deep equality sees the nodes too: nothing is left of the branches.
        expect(trie).toEqual(new Trie<number>());
      }),
      { numRuns: 300 },
    );
  });

  it('handles filters and topics of 65535 levels', () => {
    const slashes = '/'.repeat(65533);
    const deep: Record<string, string> = {
      '.../#': `${slashes}/#`,
      '+/...': `+${slashes}`,
      '.../+': `${slashes}+`,
      exact: slashes,
    };
    const trie = new Trie<string>();
    for (const [name, filter] of Object.entries(deep)) trie.add(filter, name);
    expect(found(trie, slashes).sort()).toEqual(['+/...', '.../#', '.../+', 'exact'].sort());
    expect(found(trie, `${slashes}/`)).toEqual(['.../#']);
    expect([...trie.values()]).toHaveLength(4);
    for (const [name, filter] of Object.entries(deep)) expect(trie.remove(filter, name)).toBe(true);
    expect(found(trie, slashes)).toEqual([]);
    expect(trie).toEqual(new Trie<string>());
  });
});

describe('TopicTrie', () => {
  it('matches as fast among 100 000 other filters as alone', () => {
    const published = Array.from({ length: 1000 }, (_, at) => `site/${at}/temperature`);
    const time = (trie: Trie<string>): number => {
      let best = Infinity;
      for (let round = 0; round < 7; round++) {
        const begin = process.hrtime.bigint();
        for (let again = 0; again < 10; again++) for (const topic of published) trie.match(topic, []);
        best = Math.min(best, Number(process.hrtime.bigint() - begin));
      }
      return best;
    };
    const few = trieOf(TopicTrie, 'site/+/temperature');
    const many = trieOf(TopicTrie, 'site/+/temperature');
    for (let at = 0; at < 100_000; at++) {
      const filter = at % 2 === 0 ? `other/${at}/#` : `other/${at}`;
      many.add(filter, filter);
    }
    time(few);
    // A scan would be tens of thousands of times slower; the factor leaves room for cold memory and a busy machine.
    expect(time(many) / time(few)).toBeLessThan(20);
  });
});
