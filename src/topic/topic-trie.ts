import { hasWildcard } from './topic-filter.js';

const DOLLAR = 0x24;

/** The values of a filter when there are more than one; a class of its own, because a value may be a Set, too. */
class Several<T> extends Set<T> {}

/** Most filters have one value, which needs no Set around it. */
type Bucket<T> = T | Several<T>;

function withValue<T>(bucket: Bucket<T> | undefined, value: T): Bucket<T> {
  if (bucket === undefined) return value;
  if (bucket instanceof Several) return bucket.add(value);
  return bucket === value ? bucket : new Several<T>().add(bucket).add(value);
}

function withoutValue<T>(bucket: Bucket<T>, value: T): Bucket<T> | undefined {
  if (!(bucket instanceof Several)) return bucket === value ? undefined : bucket;
  bucket.delete(value);
  return bucket.size === 0 ? undefined : bucket;
}

function sizeOf<T>(bucket: Bucket<T> | undefined): number {
  if (bucket === undefined) return 0;
  return bucket instanceof Several ? bucket.size : 1;
}

/** One level of the wildcard filters. Every node but the root is on the way to a value. */
class TrieNode<T> {
  children: Map<string, TrieNode<T>> | undefined = undefined;
  plus: TrieNode<T> | undefined = undefined;
  /** Values of the filter that ends here. */
  values: Bucket<T> | undefined = undefined;
  /** Values of the filter that ends here with `/#`. */
  hashValues: Bucket<T> | undefined = undefined;
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
export class TopicTrie<T extends NonNullable<unknown>> {
  private readonly exact = new Map<string, Bucket<T>>();
  private readonly root = new TrieNode<T>(undefined, '');
  private pairs = 0;

  /** How many pairs of filter and value are held. */
  get size(): number {
    return this.pairs;
  }

  /** Adds a value under a filter; the same value twice under one filter counts once. */
  add(filter: string, value: T): void {
    if (!hasWildcard(filter)) {
      const bucket = this.exact.get(filter);
      const before = sizeOf(bucket);
      const more = withValue(bucket, value);
      if (more !== bucket) this.exact.set(filter, more);
      this.pairs += sizeOf(more) - before;
      return;
    }
    const hash = filter.endsWith('#');
    const node = this.grow(filter, hash);
    const bucket = hash ? node.hashValues : node.values;
    const before = sizeOf(bucket);
    const more = withValue(bucket, value);
    if (hash) node.hashValues = more;
    else node.values = more;
    this.pairs += sizeOf(more) - before;
  }

  /** Takes a value away from one filter, with what held only this filter; false when it was not there. */
  remove(filter: string, value: T): boolean {
    const hash = filter.endsWith('#');
    const node = hasWildcard(filter) ? this.find(filter, hash) : undefined;
    const bucket = node === undefined ? this.exact.get(filter) : hash ? node.hashValues : node.values;
    const before = sizeOf(bucket);
    if (bucket === undefined) return false;
    const left = withoutValue(bucket, value);
    if (sizeOf(left) === before) return false;
    this.pairs--;
    if (node !== undefined) {
      if (hash) node.hashValues = left;
      else node.values = left;
      if (left === undefined) prune(node);
    } else if (left === undefined) {
      this.exact.delete(filter);
    }
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
    for (const bucket of this.exact.values()) yield* each(bucket);
    const open = [this.root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      yield* each(node.values);
      yield* each(node.hashValues);
      if (node.plus !== undefined) open.push(node.plus);
      if (node.children !== undefined) for (const child of node.children.values()) open.push(child);
    }
  }

  private grow(filter: string, hash: boolean): TrieNode<T> {
    const end = pathEnd(filter, hash);
    let node = this.root;
    for (let start = 0; start <= end;) {
      const stop = levelEnd(filter, start, end);
      node = node.grow(filter.slice(start, stop));
      start = stop + 1;
    }
    return node;
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

function append<T>(bucket: Bucket<T> | undefined, into: T[]): void {
  if (bucket === undefined) return;
  if (bucket instanceof Several) for (const value of bucket) into.push(value);
  else into.push(bucket);
}

function each<T>(bucket: Bucket<T> | undefined): Iterable<T> {
  if (bucket === undefined) return [];
  return bucket instanceof Several ? bucket : [bucket];
}

function prune<T>(leaf: TrieNode<T>): void {
  let node = leaf;
  while (node.isEmpty && node.parent !== undefined) {
    node.parent.drop(node.level);
    node = node.parent;
  }
}
