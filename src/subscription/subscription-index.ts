import { matchingStart } from '../topic/topic-filter.js';
import { TopicTrie } from '#topic-trie';
import type { FilterSubscription } from './filter-subscription.js';
import type { MessageSubscriber } from './message-subscriber.js';

/** The subscriptions, found by filter or by matching topic. */
export class SubscriptionIndex {
  private readonly trie = new TopicTrie<FilterSubscription>();

  get size(): number {
    return this.trie.size;
  }

  /** The subscription of a filter, unless `unsubscribe()` was called for it. */
  get(filter: string): FilterSubscription | undefined {
    for (const subscription of this.withFilter(filter)) if (!subscription.isLeaving) return subscription;
    return undefined;
  }

  /** The subscriptions of a filter for which `unsubscribe()` was called. */
  leaving(filter: string): FilterSubscription[] {
    return [...this.withFilter(filter)].filter(({ isLeaving }) => isLeaving);
  }

  /** The subscription that an observer has joined; undefined once it has left. */
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

  /** The subscriptions that match a topic, oldest first. */
  matching(topic: string): FilterSubscription[] {
    const subscriptions: FilterSubscription[] = [];
    this.trie.match(topic, subscriptions);
    return subscriptions.length > 1 ? inOrder(subscriptions) : subscriptions;
  }

  /** All subscriptions, oldest first. */
  all(): FilterSubscription[] {
    return inOrder([...this.trie.values()]);
  }

  private *withFilter(filter: string): Iterable<FilterSubscription> {
    // The trie does not know `$share/group/`: shared filters are stored beside the plain one.
    for (const subscription of this.trie.valuesOf(filter.slice(matchingStart(filter)))) {
      if (subscription.filter === filter) yield subscription;
    }
  }
}

function inOrder(subscriptions: FilterSubscription[]): FilterSubscription[] {
  return subscriptions.sort((a, b) => a.order - b.order);
}
