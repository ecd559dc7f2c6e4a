import { setImmediate } from 'node:timers/promises';
import type { ClassicLevel } from 'classic-level';

/** Settles once a database holds so many records. */
export async function recordsIn(database: ClassicLevel, count: number): Promise<void> {
  while ((await database.keys().all()).length < count) await setImmediate();
}
