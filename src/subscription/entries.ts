import { matchingStart } from '../topic/topic-filter.js';
import { TopicTrie } from '#topic-trie';
import type { SubscriptionEntry } from './subscription-entry.js';

/** The filters that are subscribed to, found by themselves and by the topics that they match. */
export class SubscriptionEntries {
  private readonly trie = new TopicTrie<SubscriptionEntry>();

  get size(): number {
    return this.trie.size;
  }

  get(filter: string): SubscriptionEntry | undefined {
    // A filter and the shared ones around it are matched alike.
    for (const entry of this.trie.valuesOf(filter.slice(matchingStart(filter)))) {
      if (entry.filter === filter) return entry;
    }
    return undefined;
  }

  has(entry: SubscriptionEntry): boolean {
    return this.get(entry.filter) === entry;
  }

  add(entry: SubscriptionEntry): void {
    this.trie.add(entry.matched, entry);
  }

  remove(entry: SubscriptionEntry): void {
    this.trie.remove(entry.matched, entry);
  }

  /** Those that match a topic, the oldest first. */
  matching(topic: string): SubscriptionEntry[] {
    const entries: SubscriptionEntry[] = [];
    this.trie.match(topic, entries);
    return entries.length > 1 ? inOrder(entries) : entries;
  }

  /** All of them, the oldest first. */
  all(): SubscriptionEntry[] {
    return inOrder([...this.trie.values()]);
  }
}

function inOrder(entries: SubscriptionEntry[]): SubscriptionEntry[] {
  return entries.sort((a, b) => a.order - b.order);
}
