import { TopicTrie } from '#topic-trie';
import { topicStart } from '../topic/topic-filter.js';
import type { FilterSubscription } from './filter-subscription.js';

/** The subscriptions, found by filter, by matching topic or by identifier. */
export class FilterIndex {
  private readonly trie = new TopicTrie<FilterSubscription>();
  /** Made when it is needed. */
  private byIdentifier: Map<number, FilterSubscription[]> | undefined = undefined;

  get size(): number {
    return this.trie.size;
  }

  /** The subscription of a filter, unless `unsubscribe()` was called for it. */
  get(filter: string): FilterSubscription | undefined {
    return this.withFilter(filter).find(({ isLeaving }) => !isLeaving);
  }

  /** The subscriptions of a filter for which `unsubscribe()` was called. */
  leaving(filter: string): FilterSubscription[] {
    return this.withFilter(filter).filter(({ isLeaving }) => isLeaving);
  }

  add(subscription: FilterSubscription): void {
    const { filter, matched, isShared } = subscription;
    this.trie.add(matched, subscription);
    // To a broker that does not know the prefix, it is a level of the topic.
    if (!isShared && matched !== filter) this.trie.add(filter, subscription);
    this.identifiersChanged();
  }

  remove(subscription: FilterSubscription): void {
    const { filter, matched } = subscription;
    this.trie.remove(matched, subscription);
    if (matched !== filter) this.trie.remove(filter, subscription);
    this.identifiersChanged();
  }

  /** Subscriptions have got identifiers, or lost them. */
  identifiersChanged(): void {
    this.byIdentifier = undefined;
  }

  /** The subscriptions to which the broker may send copies with this identifier. */
  identifiedBy(identifier: number): readonly FilterSubscription[] {
    this.byIdentifier ??= indexed(this.all());
    return this.byIdentifier.get(identifier) ?? [];
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

  private withFilter(filter: string): FilterSubscription[] {
    // The trie does not know `$share/group/` and its like: such filters are stored beside the plain one.
    const stored = [...this.trie.valuesOf(filter.slice(topicStart(filter)))];
    return stored.filter((subscription) => subscription.filter === filter);
  }
}

/** One with a prefix is found in two places. */
function inOrder(subscriptions: FilterSubscription[]): FilterSubscription[] {
  return [...new Set(subscriptions)].sort((a, b) => a.order - b.order);
}

function indexed(subscriptions: readonly FilterSubscription[]): Map<number, FilterSubscription[]> {
  const index = new Map<number, FilterSubscription[]>();
  for (const subscription of subscriptions) {
    for (const identifier of subscription.identifiers) {
      const others = index.get(identifier);
      if (others === undefined) index.set(identifier, [subscription]);
      else others.push(subscription);
    }
  }
  return index;
}
