import { RouteCache } from '../../src/broker/routing/route-cache.js';
import type { Recipient } from '../../src/broker/routing/recipient.js';
import { Subscription } from '../../src/broker/routing/subscription.js';

const subscription = (number: number, filter = '#'): Subscription => {
  const made = new Subscription({ clientId: String(number) } as Recipient, { filter, qos: 0 }, 0);
  made.number = number;
  return made;
};

describe('the cache of routes', () => {
  it('shares the routes of topics with the same subscribers', () => {
    const cache = new RouteCache();
    const found = [subscription(1), subscription(2)];
    const routes = cache.add('a', found);
    expect(cache.add('b', [...found])).toBe(routes);
    expect(cache.add('c', [...found].reverse())).not.toBe(routes);
    expect([cache.get('a'), cache.get('b')]).toEqual([routes, routes]);
  });

  it('forgets what a topic had, and what was made of it', () => {
    const cache = new RouteCache();
    const found = [subscription(1, 'a')];
    const routes = cache.add('a', found);
    cache.delete('a');
    expect(cache.get('a')).toBeUndefined();
    expect(cache.add('a', found)).not.toBe(routes);
    cache.clear();
    expect(cache.get('a')).toBeUndefined();
  });

  it('is bounded by weight: large routes push out earlier ones', () => {
    const cache = new RouteCache();
    const many = Array.from({ length: 100_000 }, (_, index) => subscription(index));
    for (let topic = 0; topic < 30; topic++) cache.add(String(topic), many.slice(topic));
    expect(cache.get('0')).toBeUndefined();
    expect(cache.get('29')).toBeDefined();
  });

  it('keeps a topic that is read now and then', () => {
    const cache = new RouteCache();
    const kept = cache.add('kept', [subscription(1)]);
    for (let topic = 0; topic < 300_000; topic++) {
      cache.add(`other/${topic}`, []);
      if (topic % 1000 === 0) expect(cache.get('kept')).toBe(kept);
    }
    expect(cache.get('other/0')).toBeUndefined();
  });
});
