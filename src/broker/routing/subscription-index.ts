import { hasWildcard } from '../../topic/topic-filter.js';
import { TopicTrie } from '#topic-trie';
import { NO_MOUNT_POINT } from '../access/mount-point.js';
import { RouteCache } from './route-cache.js';
import { SharedGroup } from './shared-group.js';
import type { Subscription } from './subscription.js';
import type { TopicRoutes } from './topic-routes.js';

/** All subscriptions, found by topic. */
export class SubscriptionIndex {
  private readonly trie = new TopicTrie<Subscription | SharedGroup>();
  private readonly groups = new Map<string, SharedGroup>();
  private readonly cache = new RouteCache();
  private count = 0;
  private numbers = 0;

  /** The number of subscriptions, counting each member of a shared one. */
  get size(): number {
    return this.count;
  }

  add(subscription: Subscription): void {
    this.count++;
    subscription.number = ++this.numbers;
    const { group, matching } = subscription;
    if (group === undefined) {
      this.trie.add(matching, subscription);
      return this.forget(matching);
    }
    const key = groupKey(group, matching);
    let shared = this.groups.get(key);
    if (shared === undefined) {
      shared = new SharedGroup(group, matching, subscription.recipient.mountPoint ?? NO_MOUNT_POINT);
      shared.number = ++this.numbers;
      this.groups.set(key, shared);
      this.trie.add(matching, shared);
      this.forget(matching);
    }
    shared.add(subscription);
  }

  remove(subscription: Subscription): void {
    this.count--;
    const { group, matching } = subscription;
    if (group === undefined) {
      this.trie.remove(matching, subscription);
      return this.forget(matching);
    }
    const key = groupKey(group, matching);
    const shared = this.groups.get(key);
    if (shared === undefined) return;
    shared.remove(subscription);
    if (shared.size > 0) return;
    this.groups.delete(key);
    this.trie.remove(matching, shared);
    this.forget(matching);
  }

  /** Replaces an earlier subscription to the same filter without a gap [MQTT-3.8.4-4]. */
  replace(earlier: Subscription, subscription: Subscription): void {
    this.add(subscription);
    this.remove(earlier);
  }

  /** A shared subscription, while it has members. */
  group(name: string, filter: string): SharedGroup | undefined {
    return this.groups.get(groupKey(name, filter));
  }

  /** The recipients of a topic. */
  routesOf(topic: string): TopicRoutes {
    const cached = this.cache.get(topic);
    if (cached !== undefined) return cached;
    const found: (Subscription | SharedGroup)[] = [];
    this.trie.match(topic, found);
    // Few topics have a level that begins with `$`.
    return this.cache.add(topic, topic.includes('/$') ? found.filter((one) => !one.hides(topic)) : found);
  }

  private forget(filter: string): void {
    if (hasWildcard(filter)) this.cache.clear();
    else this.cache.delete(filter);
  }
}

/** Names hold slashes, too: those of mount points. */
const groupKey = (name: string, filter: string): string => `${name}\0${filter}`;
