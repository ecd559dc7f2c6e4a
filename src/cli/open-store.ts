import { levelStore } from '../store-level/index.js';
import type { Store } from '../session/store.js';
import { UsageError } from './arguments.js';

/** A store on disk, and a function that closes it. */
export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
}

/**
 * Opens the LevelDB in a folder, or creates it.
 * Rejects with a message for the user when `classic-level` is not installed or the folder cannot be used.
 */
export async function openStore(folder: string): Promise<OpenStore> {
  const { ClassicLevel } = await import('classic-level').catch(() => {
    throw new UsageError("option '--store' needs the package classic-level; install it: npm install classic-level");
  });
  const database = new ClassicLevel<string, Uint8Array>(folder);
  try {
    await database.open();
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(`the store ${folder} cannot be opened: ${cause instanceof Error ? cause.message : message}`, {
      cause: error,
    });
  }
  return { store: levelStore(database), close: () => database.close() };
}
