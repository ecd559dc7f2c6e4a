import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { MemoryLevel } from 'memory-level';
import { memoryStore } from '../../src/session/memory-store.js';
import { levelStore } from '../../src/store-level/index.js';
import { storeContract } from './store-contract.js';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

storeContract('MemoryStore', () => Promise.resolve({ store: memoryStore() }));

storeContract('levelStore on memory-level', () => {
  const database = new MemoryLevel();
  cleanups.push(() => database.close());
  return Promise.resolve({ store: levelStore(database) });
});

storeContract('levelStore on classic-level', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rxmqtt-store-'));
  let database = new ClassicLevel(folder);
  cleanups.push(() => rm(folder, { recursive: true }));
  cleanups.push(() => database.close());
  return {
    store: levelStore(database),
    reopen: async () => {
      await database.close();
      database = new ClassicLevel(folder);
      return levelStore(database);
    },
  };
});
