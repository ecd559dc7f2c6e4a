import type { AbstractLevel } from 'abstract-level';
import type { Store, StoreOperation, StoreRecord } from '../session/store.js';

/**
 * A store on a level database: `classic-level` (LevelDB, Node), `browser-level` (IndexedDB, browsers), `memory-level`.
 * Several clients and brokers may share a database. Whoever opened the database closes it.
 *
 * Each write is one batch: all of it or none. On `classic-level` it is synced to the disk (`sync`), so that it also
 * survives a loss of power.
 *
 * @example
 * ```ts
 * const store = levelStore(new ClassicLevel('./queue'));
 * const client = connect(url, { clientId: 'hall-7', clean: false, sessionExpiry: 86400, store });
 * ```
 */
export function levelStore<Format, K, V>(database: AbstractLevel<Format, K, V>): Store {
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'view' } as const;
  return {
    async load(prefix: string): Promise<readonly StoreRecord[]> {
      const records: StoreRecord[] = [];
      // U+FFFF sorts behind all that a key can hold.
      const range = { ...encodings, gte: prefix, lt: `${prefix}\uffff` };
      for await (const [key, value] of database.iterator<string, Uint8Array>(range)) {
        records.push({ key, value });
      }
      return records;
    },

    write(operations: readonly StoreOperation[]): Promise<void> {
      return database.batch<string, Uint8Array>([...operations], { ...encodings, ...DURABLE });
    },
  };
}

/** An option of `classic-level`; the others ignore it. */
const DURABLE: object = { sync: true };
