import { firstValueFrom, lastValueFrom, map, merge, range, take, tap, timer } from 'rxjs';
import { ackAfter, connect, publishTo } from 'rxmqtt';
import { standalone } from './standalone.js';

const JOBS = '$share/workers/jobs/+';

/** Three workers share a subscription: each job goes to one of them, and is acknowledged once it is done. */
export async function sharedWorkers(url: string, print: (line: string) => void = console.log): Promise<void> {
  const producer = connect(url);
  const workers = ['ada', 'bob', 'eve'].map((name) => ({
    name,
    client: connect(url, { properties: { receiveMaximum: 2 } }),
  }));
  const done = new Map<string, number>();

  const working$ = merge(
    ...workers.map(({ name, client }) =>
      client.subscribe(JOBS, { qos: 1, ack: 'manual' }).pipe(
        // Two at a time; the broker keeps the others, or gives them to another worker.
        ackAfter((job) => timer(5).pipe(map(() => job.topic)), { concurrency: 2 }),
        tap(() => done.set(name, (done.get(name) ?? 0) + 1)),
      ),
    ),
  );
  const finished = lastValueFrom(working$.pipe(take(30)));
  await Promise.all(workers.map(({ client }) => firstValueFrom(client.granted(JOBS))));

  const jobs$ = range(1, 30).pipe(map((number) => ({ topic: `jobs/${number}`, payload: 'do it', qos: 1 as const })));
  await lastValueFrom(jobs$.pipe(publishTo(producer)));
  await finished;
  for (const { name } of workers) print(`${name}: ${(done.get(name) ?? 0) > 0 ? 'had work' : 'was idle'}`);
  print(`jobs done: ${[...done.values()].reduce((sum, count) => sum + count, 0)}`);
  await Promise.all([producer, ...workers.map(({ client }) => client)].map((client) => client.end()));
}

standalone('shared-workers', (url) => sharedWorkers(url));
