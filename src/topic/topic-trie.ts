import { append, each, sizeOf, withoutValue, withValue, type Bucket } from './bucket.js';
import { restMatches } from './matches.js';
import { hasWildcard } from './topic-filter.js';
import { TrieLeaf, TrieNode, type TrieChild } from './trie-node.js';

const DOLLAR = 0x24;

/**
 * Values by topic filter: which of them does a topic concern. Filters without a wildcard stand in a map, the others in
 * a trie of levels, so that the cost of a match depends on the topic and on what matches it, and not on how many other
 * filters there are. Nothing recurses: a filter may have 65535 levels.
 *
 * Filters are taken to be valid, and a shared one is given by the filter inside it.
 */
export class TopicTrie<T extends NonNullable<unknown>> {
  private readonly exact = new Map<string, Bucket<T>>();
  private readonly root = new TrieNode<T>(undefined, 0);
  private pairs = 0;

  /** How many pairs of filter and value are held. */
  get size(): number {
    return this.pairs;
  }

  /** Adds a value under a filter; the same value twice under one filter counts once. */
  add(filter: string, value: T): void {
    const place = hasWildcard(filter) ? this.placeFor(filter) : undefined;
    if (place instanceof TrieNode) {
      place.putLeaf(new TrieLeaf(filter, value));
      this.pairs++;
      return;
    }
    const bucket = place === undefined ? this.exact.get(filter) : place.values;
    const before = sizeOf(bucket);
    const more = withValue(bucket, value);
    this.pairs += sizeOf(more) - before;
    if (place !== undefined) place.values = more;
    else if (more !== bucket) this.exact.set(filter, more);
  }

  /** Takes a value away from one filter, with what held only this filter; false when it was not there. */
  remove(filter: string, value: T): boolean {
    const node = hasWildcard(filter) ? this.lastNode(filter) : undefined;
    const leaf = node === undefined ? undefined : leafOf(node.child(filter), filter);
    const bucket = node === undefined ? this.exact.get(filter) : leaf?.values;
    const before = sizeOf(bucket);
    if (bucket === undefined) return false;
    const left = withoutValue(bucket, value);
    if (sizeOf(left) === before) return false;
    this.pairs--;
    if (left !== undefined) {
      if (leaf !== undefined) leaf.values = left;
    } else if (node === undefined) {
      this.exact.delete(filter);
    } else {
      node.drop(filter);
      prune(node, filter);
    }
    return true;
  }

  /** The values that were added under this very filter. */
  valuesOf(filter: string): Iterable<T> {
    if (!hasWildcard(filter)) return each(this.exact.get(filter));
    return each(leafOf(this.lastNode(filter).child(filter), filter)?.values);
  }

  /** Appends the values of every filter that matches the topic, once for each such filter, in no certain order. */
  match(topic: string, into: T[]): void {
    append(this.exact.get(topic), into);
    if (this.root.isEmpty) return;
    // [MQTT-4.7.2-1]
    let wildcards = topic.charCodeAt(0) !== DOLLAR;
    let reached: TrieNode<T> | undefined = this.root;
    let start = 0;
    while (reached !== undefined) {
      const slash = topic.indexOf('/', start);
      const end = slash < 0 ? topic.length : slash;
      let level: string | undefined;
      let further: TrieNode<T> | undefined;
      for (let node: TrieNode<T> | undefined = reached; node !== undefined;) {
        if (wildcards) {
          append(node.hash?.values, into);
          further = follow(node.plus, node.at + 2, topic, end + 1, further, into);
        }
        if (node.children !== undefined) {
          level ??= topic.slice(start, end);
          further = follow(node.children.get(level), node.at + level.length + 1, topic, end + 1, further, into);
        }
        const following: TrieNode<T> | undefined = node.next;
        node.next = undefined;
        node = following;
      }
      reached = further;
      wildcards = true;
      start = end + 1;
      if (slash < 0) break;
    }
    while (reached !== undefined) {
      append(reached.end?.values, into);
      // `a/#` also matches its parent `a` (section 4.7.1.2).
      append(reached.hash?.values, into);
      const following: TrieNode<T> | undefined = reached.next;
      reached.next = undefined;
      reached = following;
    }
  }

  /** Every value, once for each filter that it is held under. */
  *values(): IterableIterator<T> {
    for (const bucket of this.exact.values()) yield* each(bucket);
    const open: TrieChild<T>[] = [this.root];
    for (let child = open.pop(); child !== undefined; child = open.pop()) {
      if (child instanceof TrieLeaf) {
        yield* each(child.values);
        continue;
      }
      const { end, hash, plus, children } = child;
      for (const below of [end, hash, plus]) if (below !== undefined) open.push(below);
      if (children !== undefined) for (const below of children.values()) open.push(below);
    }
  }

  /** The leaf of a filter, or the node that can take one. */
  private placeFor(filter: string): TrieLeaf<T> | TrieNode<T> {
    for (let node = this.root; ;) {
      const child = node.child(filter);
      if (child === undefined) return node;
      if (child instanceof TrieNode) node = child;
      else if (child.filter === filter) return child;
      else node = node.branch(child);
    }
  }

  /** The node that has the leaf of a filter, where there is such a leaf. */
  private lastNode(filter: string): TrieNode<T> {
    for (let node = this.root; ;) {
      const child = node.child(filter);
      if (!(child instanceof TrieNode)) return node;
      node = child;
    }
  }
}

function leafOf<T>(child: TrieChild<T> | undefined, filter: string): TrieLeaf<T> | undefined {
  return child instanceof TrieLeaf && child.filter === filter ? child : undefined;
}

/** Takes a matching leaf at its word, and puts a node in front of those that the next level of the topic goes on from. */
function follow<T>(
  child: TrieChild<T> | undefined,
  at: number,
  topic: string,
  start: number,
  others: TrieNode<T> | undefined,
  into: T[],
): TrieNode<T> | undefined {
  if (child === undefined) return others;
  if (child instanceof TrieLeaf) {
    if (restMatches(child.filter, at, topic, start)) append(child.values, into);
    return others;
  }
  child.next = others;
  return child;
}

function prune<T>(leaf: TrieNode<T>, filter: string): void {
  let node = leaf;
  while (node.isEmpty && node.parent !== undefined) {
    node.parent.drop(filter);
    node = node.parent;
  }
}
