import { matchingStart } from '../topic/topic-filter.js';
import { TopicTrie } from '#topic-trie';
import type { FilterSubscription } from './filter-subscription.js';
import type { MessageSubscriber } from './message-subscriber.js';

/** The subscriptions, found by their filters and by the topics that they match. */
export class SubscriptionIndex {
  private readonly trie = new TopicTrie<FilterSubscription>();

  get size(): number {
    return this.trie.size;
  }

  /** The subscription of a filter, unless that was given to `unsubscribe()`. */
  get(filter: string): FilterSubscription | undefined {
    for (const subscription of this.withFilter(filter)) if (!subscription.isLeaving) return subscription;
    return undefined;
  }

  /** Those of a filter that was given to `unsubscribe()`. */
  leaving(filter: string): FilterSubscription[] {
    return [...this.withFilter(filter)].filter(({ isLeaving }) => isLeaving);
  }

  /** The one that an observer has joined; undefined once it has left. */
  observedBy(observer: MessageSubscriber): FilterSubscription | undefined {
    for (const subscription of this.withFilter(observer.filter)) {
      if (subscription.observers.includes(observer)) return subscription;
    }
    return undefined;
  }

  add(subscription: FilterSubscription): void {
    this.trie.add(subscription.matched, subscription);
  }

  remove(subscription: FilterSubscription): void {
    this.trie.remove(subscription.matched, subscription);
  }

  /** Those that match a topic, the oldest first. */
  matching(topic: string): FilterSubscription[] {
    const subscriptions: FilterSubscription[] = [];
    this.trie.match(topic, subscriptions);
    return subscriptions.length > 1 ? inOrder(subscriptions) : subscriptions;
  }

  /** All of them, the oldest first. */
  all(): FilterSubscription[] {
    return inOrder([...this.trie.values()]);
  }

  private *withFilter(filter: string): Iterable<FilterSubscription> {
    // A filter and the shared ones around it are matched alike.
    for (const subscription of this.trie.valuesOf(filter.slice(matchingStart(filter)))) {
      if (subscription.filter === filter) yield subscription;
    }
  }
}

function inOrder(subscriptions: FilterSubscription[]): FilterSubscription[] {
  return subscriptions.sort((a, b) => a.order - b.order);
}
