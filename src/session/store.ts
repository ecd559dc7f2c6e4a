/** One change of a store. */
export type StoreOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

/** One record of a store. */
export interface StoreRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * Keeps what must survive the process: small records under keys in order. A store may serve several clients and
 * brokers at a time, because each keeps to a prefix of its own.
 *
 * `rxmqtt/store-level` makes one of any `abstract-level` database.
 */
export interface Store {
  /** All records whose key begins with the prefix, in the order of their keys (by UTF-16 code unit, all keys are ASCII). */
  load(prefix: string): Promise<readonly StoreRecord[]>;
  /**
   * Makes the changes, all or none, in their order; resolves when they would survive the process. It is not called
   * again before it has settled. The values are the store's from then on: nobody changes them.
   */
  write(operations: readonly StoreOperation[]): Promise<void>;
}
