import fc from 'fast-check';
import { BoundedCache } from '../../src/topic/bounded-cache.js';

describe('BoundedCache', () => {
  it('returns the last value set for a key', () => {
    const cache = new BoundedCache<string, number>(10);
    cache.set('a', 1);
    cache.set('a', 2);
    expect(cache.get('a')).toBe(2);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.size).toBe(1);
  });

  it('keeps entries that are read often and forgets the others', () => {
    const cache = new BoundedCache<string, number>(10);
    cache.set('hot', 1);
    cache.set('cold', 1);
    for (let at = 0; at < 100; at++) {
      cache.set(`filler ${at}`, at);
      expect(cache.get('hot')).toBe(1);
    }
    expect(cache.get('cold')).toBeUndefined();
  });

  it('keeps at least the last half of its capacity', () => {
    const cache = new BoundedCache<number, number>(10);
    for (let at = 0; at < 1000; at++) {
      cache.set(at, at);
      for (let back = Math.max(0, at - 4); back <= at; back++) expect(cache.get(back)).toBe(back);
    }
  });

  it('is empty after clear', () => {
    const cache = new BoundedCache<number, number>(4);
    for (let at = 0; at < 4; at++) cache.set(at, at);
    cache.clear();
    expect(cache.size).toBe(0);
    for (let at = 0; at < 4; at++) expect(cache.get(at)).toBeUndefined();
  });

  it('never exceeds its capacity and never returns a stale value', () => {
    const operations = fc.array(fc.tuple(fc.boolean(), fc.nat(12), fc.nat()), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), operations, (capacity, steps) => {
        const cache = new BoundedCache<number, number>(capacity);
        const model = new Map<number, number>();
        for (const [write, key, value] of steps) {
          if (write) {
            cache.set(key, value);
            model.set(key, value);
            expect(cache.get(key)).toBe(value);
          } else {
            expect([undefined, model.get(key)]).toContain(cache.get(key));
          }
          expect(cache.size).toBeLessThanOrEqual(capacity);
        }
      }),
    );
  });
});
