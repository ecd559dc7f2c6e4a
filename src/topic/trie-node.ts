import type { OneOrMany } from './one-or-many.js';
import { levelEnd } from './topic-filter.js';

/**
 * A filter and its values, placed where no other filter shares its path. A node for each further level would take
 * several times the memory, and most filters end in levels that no other filter shares.
 */
export class TrieLeaf<T> {
  constructor(
    readonly filter: string,
    public values: OneOrMany<T>,
  ) {}
}

export type TrieChild<T> = TrieNode<T> | TrieLeaf<T>;

/** A level path that two or more filters share. Every node but the root leads to a leaf. */
export class TrieNode<T> {
  children: Map<string, TrieChild<T>> | undefined = undefined;
  plus: TrieChild<T> | undefined = undefined;
  /** The filter that ends here. */
  end: TrieLeaf<T> | undefined = undefined;
  /** The filter that ends here with `/#`. */
  hash: TrieLeaf<T> | undefined = undefined;
  /** Links the nodes that the current topic level has reached during a match. */
  next: TrieNode<T> | undefined = undefined;

  constructor(
    readonly parent: TrieNode<T> | undefined,
    /** Where the next level begins in all filters below; past the end for the filter that ends here. */
    readonly at: number,
  ) {}

  get isEmpty(): boolean {
    return this.end === undefined && this.hash === undefined && this.plus === undefined && this.children === undefined;
  }

  /** The next node or leaf on the filter's path. */
  child(filter: string): TrieChild<T> | undefined {
    if (this.at > filter.length) return this.end;
    const level = this.levelOf(filter);
    if (level === '#') return this.hash;
    return level === '+' ? this.plus : this.children?.get(level);
  }

  putLeaf(leaf: TrieLeaf<T>): void {
    const { filter } = leaf;
    if (this.at > filter.length) this.end = leaf;
    else if (this.levelOf(filter) === '#') this.hash = leaf;
    else this.put(filter, leaf);
  }

  /** Makes room for a second filter on the path of a leaf: moves the leaf below a new node. */
  branch(leaf: TrieLeaf<T>): TrieNode<T> {
    const node = new TrieNode<T>(this, levelEnd(leaf.filter, this.at) + 1);
    node.putLeaf(leaf);
    this.put(leaf.filter, node);
    return node;
  }

  drop(filter: string): void {
    if (this.at > filter.length) {
      this.end = undefined;
      return;
    }
    const level = this.levelOf(filter);
    if (level === '#') this.hash = undefined;
    else if (level === '+') this.plus = undefined;
    else if (this.children?.delete(level) === true && this.children.size === 0) this.children = undefined;
  }

  private put(filter: string, child: TrieChild<T>): void {
    const level = this.levelOf(filter);
    if (level === '+') this.plus = child;
    else (this.children ??= new Map<string, TrieChild<T>>()).set(level, child);
  }

  private levelOf(filter: string): string {
    return filter.slice(this.at, levelEnd(filter, this.at));
  }
}
