import type { SharedGroup } from './shared-group.js';
import type { Subscription } from './subscription.js';
import { TopicRoutes } from './topic-routes.js';

/** Bytes, roughly, of each of the two generations. */
const GENERATION = 16 * 1024 * 1024;
/** Longer topics are not kept. */
const LONGEST = 1024;
/** Bytes, roughly, of an entry without the characters of its topic. */
const TOPIC = 100;

class Generation {
  readonly topics = new Map<string, TopicRoutes>();
  /** The same routes, by the subscriptions that they consist of. */
  readonly sets = new Map<number, TopicRoutes>();
  weight = 0;
}

/**
 * The routes of recent topics, bounded by what they weigh. Topics with the same subscribers share them. Entries live in
 * two generations, as in a `BoundedCache`.
 */
export class RouteCache {
  private young = new Generation();
  private old = new Generation();

  get(topic: string): TopicRoutes | undefined {
    const young = this.young.topics.get(topic);
    if (young !== undefined) return young;
    const old = this.old.topics.get(topic);
    if (old !== undefined) this.put(topic, old);
    return old;
  }

  /** The routes to what matches a topic, from now on in the cache. */
  add(topic: string, found: readonly (Subscription | SharedGroup)[]): TopicRoutes {
    const hash = hashOf(found);
    const routes = sharedIn(this.young, hash, found) ?? sharedIn(this.old, hash, found) ?? new TopicRoutes(found, hash);
    if (topic.length <= LONGEST) this.put(topic, routes);
    return routes;
  }

  /** The subscriptions that match this topic have changed, and those of no other topic. */
  delete(topic: string): void {
    for (const { topics, sets } of [this.young, this.old]) {
      const routes = topics.get(topic);
      if (routes === undefined) continue;
      topics.delete(topic);
      if (sets.get(routes.hash) === routes) sets.delete(routes.hash);
    }
  }

  clear(): void {
    if (this.young.weight > 0) this.young = new Generation();
    if (this.old.weight > 0) this.old = new Generation();
  }

  private put(topic: string, routes: TopicRoutes): void {
    if (this.young.weight >= GENERATION) {
      this.old = this.young;
      this.young = new Generation();
    }
    const { young } = this;
    young.topics.set(topic, routes);
    young.weight += TOPIC + 2 * topic.length;
    if (young.sets.get(routes.hash) === routes) return;
    young.sets.set(routes.hash, routes);
    young.weight += routes.weight;
  }
}

function sharedIn(
  { sets }: Generation,
  hash: number,
  found: readonly (Subscription | SharedGroup)[],
): TopicRoutes | undefined {
  const routes = sets.get(hash);
  return routes?.isMadeOf(found) === true ? routes : undefined;
}

function hashOf(found: readonly (Subscription | SharedGroup)[]): number {
  let hash = found.length;
  for (const { number } of found) {
    hash = Math.imul(hash ^ number, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}
