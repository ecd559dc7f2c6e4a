import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from 'rxmqtt';
import { levelStore } from 'rxmqtt/store-level';
import { UsageError } from './usage-error.js';

/** A store on disk, and a function that closes it. */
export interface OpenStore {
  readonly store: Store;
  close(): Promise<void>;
}

/**
 * Opens the LevelDB in a folder, or creates it. Only the owner may read its files, which hold messages and names.
 * Rejects with a message for the user when `classic-level` is not installed or the folder cannot be used.
 */
export async function openStore(folder: string): Promise<OpenStore> {
  const { ClassicLevel } = await import('classic-level').catch(() => {
    throw new UsageError("option '--store' needs the package classic-level; install it: npm install classic-level");
  });
  try {
    await makePrivate(folder);
    const database = new ClassicLevel<string, Uint8Array>(folder);
    await database.open();
    return { store: levelStore(database), close: () => database.close() };
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(`the store ${folder} cannot be opened: ${cause instanceof Error ? cause.message : message}`, {
      cause: error,
    });
  }
}

/** The files that LevelDB writes. */
const LEVEL_FILE = /^(CURRENT|LOCK|LOG(\.old)?|MANIFEST-\d+|\d+\.(ldb|sst|log|dbtmp))$/;

/** Sets the umask of the process, because LevelDB creates files with it for as long as it is open. */
async function makePrivate(folder: string): Promise<void> {
  process.umask(0o077);
  await mkdir(folder, { recursive: true });
  const files = (await readdir(folder)).filter((name) => LEVEL_FILE.test(name));
  await Promise.all(files.map((name) => chmod(join(folder, name), 0o600)));
}
