import type { Store, StoreOperation, StoreRecord } from './store.js';

/** See {@link memoryStore}. */
export interface MemoryStore extends Store {
  /** Number of records. */
  readonly size: number;
}

/**
 * A store that lives as long as the process: for tests, and for clients that are ended and created again.
 *
 * @example
 * ```ts
 * const store = memoryStore();
 * const client = connect(url, { clientId: 'hall-7', store: durable(store) });
 * ```
 */
export function memoryStore(): MemoryStore {
  const records = new Map<string, Uint8Array>();
  return {
    get size(): number {
      return records.size;
    },

    load(prefix: string): Promise<readonly StoreRecord[]> {
      const found = [...records].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => ({ key, value }));
      return Promise.resolve(found.sort((a, b) => (a.key < b.key ? -1 : 1)));
    },

    write(operations: readonly StoreOperation[]): Promise<void> {
      for (const operation of operations) {
        if (operation.type === 'put') records.set(operation.key, operation.value);
        else records.delete(operation.key);
      }
      return Promise.resolve();
    },
  };
}
