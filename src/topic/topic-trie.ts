import { DOLLAR } from './characters.js';
import { append, each, sizeOf, withoutValue, withValue, type OneOrMany } from './one-or-many.js';
import { restMatches } from './matches.js';
import { hasWildcard } from './topic-filter.js';
import { TrieLeaf, TrieNode, type TrieChild } from './trie-node.js';

/**
 * Maps topic filters to values and finds the values for a topic. Filters without a wildcard are in a map, the others in
 * a trie of levels, so that the cost of a match depends on the topic and its matches, not on the number of filters.
 * Nothing recurses: a filter may have 65535 levels.
 *
 * Filters must be valid; a shared filter is given by the filter inside it.
 */
export class TopicTrie<T extends NonNullable<unknown>> {
  private readonly exact = new Map<string, OneOrMany<T>>();
  private readonly root = new TrieNode<T>(undefined, 0);
  private pairs = 0;

  /** Number of filter and value pairs. */
  get size(): number {
    return this.pairs;
  }

  /** Adds a value under a filter; adding the same pair again has no effect. */
  add(filter: string, value: T): void {
    const place = hasWildcard(filter) ? this.placeFor(filter) : undefined;
    if (place instanceof TrieNode) {
      place.putLeaf(new TrieLeaf(filter, value));
      this.pairs++;
      return;
    }
    const current = place === undefined ? this.exact.get(filter) : place.values;
    const before = sizeOf(current);
    const more = withValue(current, value);
    this.pairs += sizeOf(more) - before;
    if (place !== undefined) place.values = more;
    else if (more !== current) this.exact.set(filter, more);
  }

  /** Removes a value from one filter and prunes the trie; false if it was not there. */
  remove(filter: string, value: T): boolean {
    const node = hasWildcard(filter) ? this.lastNode(filter) : undefined;
    const leaf = node === undefined ? undefined : leafOf(node.child(filter), filter);
    const current = node === undefined ? this.exact.get(filter) : leaf?.values;
    const before = sizeOf(current);
    if (current === undefined) return false;
    const left = withoutValue(current, value);
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

  /** The values added under exactly this filter. */
  valuesOf(filter: string): Iterable<T> {
    if (!hasWildcard(filter)) return each(this.exact.get(filter));
    return each(leafOf(this.lastNode(filter).child(filter), filter)?.values);
  }

  /** Appends the values of every matching filter, once per filter, in no particular order. */
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

  /** Every value, once for each of its filters. */
  *values(): IterableIterator<T> {
    for (const current of this.exact.values()) yield* each(current);
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

  /** The leaf of a filter, or the node to add it to. */
  private placeFor(filter: string): TrieLeaf<T> | TrieNode<T> {
    for (let node = this.root; ;) {
      const child = node.child(filter);
      if (child === undefined) return node;
      if (child instanceof TrieNode) node = child;
      else if (child.filter === filter) return child;
      else node = node.branch(child);
    }
  }

  /** The deepest node on the filter's path: the parent of its leaf, if there is one. */
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

/** Appends the values of a matching leaf, or links a node into the list of nodes to visit at the next level. */
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
