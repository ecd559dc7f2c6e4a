import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { memoryStore } from '../../../src/session/memory-store.js';
import type { Store, StoreOperation, StoreRecord } from '../../../src/session/store.js';
import { levelStore } from '../../../src/store-level/index.js';

export type StoreName = 'memory' | 'LevelDB';
export const STORE_NAMES: readonly StoreName[] = ['memory', 'LevelDB'];

/** Opens empty stores that are gone after the test. */
export function emptyStores(): (name: StoreName) => Promise<Store> {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  return async (name) => {
    if (name === 'memory') return memoryStore();
    const folder = await mkdtemp(join(tmpdir(), 'rxmqtt-broker-store-'));
    cleanups.push(() => rm(folder, { recursive: true }));
    const database = new ClassicLevel(folder);
    cleanups.push(() => database.close());
    return levelStore(database);
  };
}

/** A store that a test looks into, and that it lets wait, fail or die. */
export class ProbedStore implements Store {
  /** The prefixes that were read. */
  readonly loads: string[] = [];
  writes = 0;
  /** Writes that are still made; the next one is as if the process had died. */
  writesLeft = Infinity;
  private held: { readonly prefix: string; readonly resume: (() => void)[] } | undefined = undefined;
  private failing: { readonly prefix: string; readonly cause: Error } | undefined = undefined;

  constructor(readonly inner: Store) {}

  async load(prefix: string): Promise<readonly StoreRecord[]> {
    this.loads.push(prefix);
    const { held, failing } = this;
    if (held !== undefined && prefix.startsWith(held.prefix)) {
      await new Promise<void>((resolve) => held.resume.push(resolve));
    }
    if (failing !== undefined && prefix.startsWith(failing.prefix)) throw failing.cause;
    return this.inner.load(prefix);
  }

  async write(operations: readonly StoreOperation[]): Promise<void> {
    if (this.writesLeft <= 0) throw new Error('the process is dead');
    this.writesLeft--;
    this.writes++;
    await this.inner.write(operations);
  }

  /** What is read below a prefix waits. */
  hold(prefix: string): void {
    this.held = { prefix, resume: [] };
  }

  release(): void {
    const { held } = this;
    this.held = undefined;
    for (const resume of held?.resume ?? []) resume();
  }

  /** What is read below a prefix fails, or works again. */
  fail(prefix: string | undefined, cause = new Error('the disk is gone')): void {
    this.failing = prefix === undefined ? undefined : { prefix, cause };
  }

  /** The keys of all records, but for the one that names their layout. */
  async keys(): Promise<string[]> {
    const records = await this.inner.load('broker/');
    return records.map(({ key }) => key).filter((key) => key !== 'broker/layout');
  }
}
