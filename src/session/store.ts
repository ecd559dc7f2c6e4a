/** One change to a store. */
export type StoreOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

/** One record of a store. */
export interface StoreRecord {
  /** The key, ASCII only. */
  readonly key: string;
  /** The contents. */
  readonly value: Uint8Array;
}

/**
 * Persists small records under ordered keys. Several clients and brokers may share a store: each uses its own key
 * prefix.
 *
 * `rxmqtt/store-level` turns any `abstract-level` database into a store.
 */
export interface Store {
  /** All records whose key begins with the prefix, ordered by key (ASCII only, compared by UTF-16 code unit). */
  load(prefix: string): Promise<readonly StoreRecord[]>;
  /**
   * Applies the changes in order, all or none, and resolves once they would survive the process. It is not called again
   * before it settles. The store owns the values from then on; they do not change.
   */
  write(operations: readonly StoreOperation[]): Promise<void>;
}

/** Whether this is a store, and neither the database below one nor what `durable()` makes of one. */
export function isStore(what: unknown): what is Store {
  return typeof what === 'object' && what !== null && 'load' in what && 'write' in what;
}
