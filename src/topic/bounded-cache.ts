/**
 * A map that never exceeds its capacity. Entries live in two generations: when the young one is full it becomes the old
 * one, and the previous old one is dropped. An entry that is read at least once per generation stays. Reading a young
 * entry is a plain map lookup.
 */
export class BoundedCache<K, V extends NonNullable<unknown> | null> {
  private young = new Map<K, V>();
  private old = new Map<K, V>();
  private readonly generation: number;

  /** @param capacity the maximum number of entries; at least 2 */
  constructor(capacity: number) {
    this.generation = Math.floor(capacity / 2);
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  get(key: K): V | undefined {
    const young = this.young.get(key);
    if (young !== undefined) return young;
    const old = this.old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.old.delete(key);
    if (this.young.size >= this.generation && !this.young.has(key)) {
      const spare = this.old;
      spare.clear();
      this.old = this.young;
      this.young = spare;
    }
    this.young.set(key, value);
  }

  delete(key: K): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }
}
