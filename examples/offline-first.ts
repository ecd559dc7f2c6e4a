import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { firstValueFrom, forkJoin, lastValueFrom, map, take, tap } from 'rxjs';
import { connect, durable } from 'rxmqtt';
import { levelStore } from 'rxmqtt/store-level';
import { standalone } from './standalone.js';

const NOBODY = 'mqtt://127.0.0.1:1';
const READINGS = ['20.5', '20.7', '20.6'];

/**
 * Readings taken while the broker is out of reach, by a process that ends before it ever was in reach, arrive all the
 * same: they wait in a database on disk, and the next process with the same client identifier sends them.
 */
export async function offlineFirst(url: string, print: (line: string) => void = console.log): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'offline-first-'));
  const session = { clientId: 'meter-7', clean: false, sessionExpiry: 86_400 } as const;
  try {
    await collect();
    await deliver();
  } finally {
    await rm(folder, { recursive: true });
  }

  /** The first process: there is no broker. */
  async function collect(): Promise<void> {
    const database = new ClassicLevel(folder);
    const meter = connect(NOBODY, { ...session, store: durable(levelStore(database)) });
    const waiting = READINGS.map((reading) => meter.publish('meter/7', reading, { qos: 1 }));
    forkJoin(waiting).subscribe({ error: ({ name }: Error) => print(`the process ends: ${name}`) });
    await lastValueFrom(
      meter.stats$.pipe(
        take(1),
        map(({ outbox }) => print(`${outbox.messages} readings wait`)),
      ),
    );
    await meter.end();
    await database.close();
  }

  /** The second process: the readings are in its store. */
  async function deliver(): Promise<void> {
    const server = connect(url);
    const arrived = lastValueFrom(
      server.subscribe('meter/+', { qos: 1 }).pipe(
        take(READINGS.length),
        tap((message) => print(`${message.topic}: ${message.text()}`)),
      ),
    );
    await firstValueFrom(server.granted('meter/+'));
    const database = new ClassicLevel(folder);
    const meter = connect(url, { ...session, store: durable(levelStore(database)) });
    await arrived;
    await Promise.all([meter.end(), server.end()]);
    await database.close();
  }
}

standalone('offline-first', (url) => offlineFirst(url));
