/** A value, and its neighbours in the order of the updates. */
interface Entry<T> {
  readonly key: string;
  value: T;
  updated: number;
  older: Entry<T> | undefined;
  newer: Entry<T> | undefined;
}

/**
 * The newest value of each key, for a limited number of keys. The entries also form a list in the order of their
 * updates, because finding the oldest update in a Map would take a search.
 */
export class LatestValues<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private oldest: Entry<T> | undefined = undefined;
  private newest: Entry<T> | undefined = undefined;

  constructor(private readonly max: number) {}

  /** The time of the oldest update; undefined if there are no entries. */
  get oldestUpdate(): number | undefined {
    return this.oldest?.updated;
  }

  get(key: string): T | undefined {
    return this.entries.get(key)?.value;
  }

  /** Returns whether the value has changed. With more than `max` keys, removes the one that was updated longest ago. */
  set(key: string, value: T, updated: number): boolean {
    const entry = this.entries.get(key);
    if (entry === undefined) {
      const added: Entry<T> = { key, value, updated, older: undefined, newer: undefined };
      this.entries.set(key, added);
      this.append(added);
      if (this.entries.size > this.max && this.oldest !== undefined) this.remove(this.oldest);
      return true;
    }
    const isNew = !Object.is(entry.value, value);
    entry.value = value;
    entry.updated = updated;
    this.unlink(entry);
    this.append(entry);
    return isNew;
  }

  /** Returns whether the key existed. */
  delete(key: string): boolean {
    const entry = this.entries.get(key);
    if (entry !== undefined) this.remove(entry);
    return entry !== undefined;
  }

  /** Removes the entries that have not been updated since then. Returns whether there were any. */
  expire(since: number): boolean {
    let hasExpired = false;
    while (this.oldest !== undefined && this.oldest.updated <= since) {
      this.remove(this.oldest);
      hasExpired = true;
    }
    return hasExpired;
  }

  /** A copy, in the order in which the keys first arrived. */
  snapshot(): ReadonlyMap<string, T> {
    const copy = new Map<string, T>();
    for (const { key, value } of this.entries.values()) copy.set(key, value);
    return copy;
  }

  private remove(entry: Entry<T>): void {
    this.entries.delete(entry.key);
    this.unlink(entry);
  }

  private append(entry: Entry<T>): void {
    entry.older = this.newest;
    entry.newer = undefined;
    if (this.newest === undefined) this.oldest = entry;
    else this.newest.newer = entry;
    this.newest = entry;
  }

  private unlink({ older, newer }: Entry<T>): void {
    if (older === undefined) this.oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.newest = older;
    else newer.older = older;
  }
}
