import { hasWildcard } from './topic-filter.js';

const DOLLAR = 0x24;

/** One level of the wildcard filters. Every node but the root is on the way to a value. */
class TrieNode<T> {
  children: Map<string, TrieNode<T>> | undefined = undefined;
  plus: TrieNode<T> | undefined = undefined;
  /** Values of the filter that ends here. */
  values: Set<T> | undefined = undefined;
  /** Values of the filter that ends here with `/#`. */
  hashValues: Set<T> | undefined = undefined;
  /** Links the nodes that one level of a topic has reached, while it is being matched. */
  next: TrieNode<T> | undefined = undefined;

  constructor(
    readonly parent: TrieNode<T> | undefined,
    readonly level: string,
  ) {}

  get isEmpty(): boolean {
    return (
      this.values === undefined &&
      this.hashValues === undefined &&
      this.plus === undefined &&
      this.children === undefined
    );
  }

  child(level: string): TrieNode<T> | undefined {
    return level === '+' ? this.plus : this.children?.get(level);
  }

  grow(level: string): TrieNode<T> {
    const present = this.child(level);
    if (present !== undefined) return present;
    const node = new TrieNode<T>(this, level);
    if (level === '+') this.plus = node;
    else (this.children ??= new Map<string, TrieNode<T>>()).set(level, node);
    return node;
  }

  drop(level: string): void {
    if (level === '+') {
      this.plus = undefined;
    } else if (this.children !== undefined) {
      this.children.delete(level);
      if (this.children.size === 0) this.children = undefined;
    }
  }
}

/**
 * Values by topic filter: which of them does a topic concern. Filters without a wildcard stand in a map, the others in
 * a trie of levels, so that the cost of a match depends on the topic and on what matches it, and not on how many other
 * filters there are. Nothing recurses: a filter may have 65535 levels.
 *
 * Filters are taken to be valid, and a shared one is given by the filter inside it.
 */
export class TopicTrie<T> {
  private readonly exact = new Map<string, Set<T>>();
  private readonly root = new TrieNode<T>(undefined, '');
  private pairs = 0;

  /** How many pairs of filter and value are held. */
  get size(): number {
    return this.pairs;
  }

  /** Adds a value under a filter; the same value twice under one filter counts once. */
  add(filter: string, value: T): void {
    const bucket = this.grow(filter);
    const before = bucket.size;
    this.pairs += bucket.add(value).size - before;
  }

  /** Takes a value away from one filter, with what held only this filter; false when it was not there. */
  remove(filter: string, value: T): boolean {
    if (!hasWildcard(filter)) {
      const bucket = this.exact.get(filter);
      if (bucket === undefined || !bucket.delete(value)) return false;
      if (bucket.size === 0) this.exact.delete(filter);
      this.pairs--;
      return true;
    }
    const hash = filter.endsWith('#');
    const node = this.find(filter, hash);
    const bucket = hash ? node?.hashValues : node?.values;
    if (node === undefined || bucket === undefined || !bucket.delete(value)) return false;
    if (bucket.size === 0) {
      if (hash) node.hashValues = undefined;
      else node.values = undefined;
      prune(node);
    }
    this.pairs--;
    return true;
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
          append(node.hashValues, into);
          if (node.plus !== undefined) {
            node.plus.next = further;
            further = node.plus;
          }
        }
        if (node.children !== undefined) {
          level ??= topic.slice(start, end);
          const child = node.children.get(level);
          if (child !== undefined) {
            child.next = further;
            further = child;
          }
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
      append(reached.values, into);
      // `a/#` also matches its parent `a` (section 4.7.1.2).
      append(reached.hashValues, into);
      const following: TrieNode<T> | undefined = reached.next;
      reached.next = undefined;
      reached = following;
    }
  }

  /** Every value, once for each filter that it is held under. */
  *values(): IterableIterator<T> {
    for (const bucket of this.exact.values()) yield* bucket;
    const open = [this.root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.values !== undefined) yield* node.values;
      if (node.hashValues !== undefined) yield* node.hashValues;
      if (node.plus !== undefined) open.push(node.plus);
      if (node.children !== undefined) for (const child of node.children.values()) open.push(child);
    }
  }

  private grow(filter: string): Set<T> {
    if (!hasWildcard(filter)) {
      let bucket = this.exact.get(filter);
      if (bucket === undefined) this.exact.set(filter, (bucket = new Set()));
      return bucket;
    }
    const hash = filter.endsWith('#');
    const end = pathEnd(filter, hash);
    let node = this.root;
    for (let start = 0; start <= end;) {
      const stop = levelEnd(filter, start, end);
      node = node.grow(filter.slice(start, stop));
      start = stop + 1;
    }
    return hash ? (node.hashValues ??= new Set()) : (node.values ??= new Set());
  }

  private find(filter: string, hash: boolean): TrieNode<T> | undefined {
    const end = pathEnd(filter, hash);
    let node: TrieNode<T> | undefined = this.root;
    for (let start = 0; start <= end && node !== undefined;) {
      const stop = levelEnd(filter, start, end);
      node = node.child(filter.slice(start, stop));
      start = stop + 1;
    }
    return node;
  }
}

/** Where the levels before a closing `/#` end; -1 for `#` itself, which has none. */
function pathEnd(filter: string, hash: boolean): number {
  return hash ? filter.length - 2 : filter.length;
}

function levelEnd(filter: string, start: number, end: number): number {
  const slash = filter.indexOf('/', start);
  return slash < 0 || slash > end ? end : slash;
}

function append<T>(bucket: Set<T> | undefined, into: T[]): void {
  if (bucket !== undefined) for (const value of bucket) into.push(value);
}

function prune<T>(leaf: TrieNode<T>): void {
  let node = leaf;
  while (node.isEmpty && node.parent !== undefined) {
    node.parent.drop(node.level);
    node = node.parent;
  }
}
