import { wrong } from '../options/check-options.js';
import type { Store, StoreOperation, StoreRecord } from '../session/store.js';

/** How keys and values are read and written. */
export interface LevelEncodings {
  /** Keys are strings. */
  readonly keyEncoding: 'utf8';
  /** Values are bytes. */
  readonly valueEncoding: 'view';
}

/** The part of an `abstract-level` database that a store needs. */
export interface LevelDatabase {
  /** The records of a range of keys, in order. */
  iterator(range: LevelEncodings & { readonly gte: string; readonly lt: string }): AsyncIterable<[string, Uint8Array]>;
  /** Writes all operations, or none. */
  batch(operations: StoreOperation[], options: LevelEncodings): Promise<void>;
}

/**
 * A store on a level database: `classic-level` (LevelDB, Node), `browser-level` (IndexedDB, browsers), `memory-level`.
 * Several clients and brokers may share a database. The application opens and closes it.
 *
 * Each write is one batch: all of it or none. On `classic-level` it is synced to the disk (`sync`), so that it also
 * survives a loss of power.
 *
 * @example
 * ```ts
 * const store = durable(levelStore(new ClassicLevel('./queue')));
 * const client = connect(url, { clientId: 'hall-7', clean: false, sessionExpiry: 86400, store });
 * ```
 */
export function levelStore(database: LevelDatabase): Store {
  if (typeof (database as Partial<LevelDatabase> | null | undefined)?.batch !== 'function') {
    throw wrong(database, 'database', 'levelStore', "a level database, such as new ClassicLevel('./queue')");
  }
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'view' } as const;
  return {
    async load(prefix: string): Promise<readonly StoreRecord[]> {
      const records: StoreRecord[] = [];
      // U+FFFF sorts behind every key.
      const range = { ...encodings, gte: prefix, lt: `${prefix}\uffff` };
      for await (const [key, value] of database.iterator(range)) {
        records.push({ key, value });
      }
      return records;
    },

    write(operations: readonly StoreOperation[]): Promise<void> {
      return database.batch([...operations], { ...encodings, ...DURABLE });
    },
  };
}

/** An option of `classic-level`; the others ignore it. */
const DURABLE: object = { sync: true };
