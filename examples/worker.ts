import { defer, firstValueFrom, lastValueFrom, map, range, retry, take, tap, timer } from 'rxjs';
import { ackAfter, connect, publishTo, type MqttMessage } from 'rxmqtt';
import { standalone } from './standalone.js';

const JOBS = 6;

/**
 * A worker that does two jobs at a time and tries a failing one again. A job is acknowledged when it is done, so that
 * the broker gives the jobs of a worker that dies to the next one, and sends no more than the worker has asked for.
 */
export async function worker(url: string, print: (line: string) => void = console.log): Promise<void> {
  const works = connect(url, { properties: { receiveMaximum: 4 } });
  const orders = connect(url);
  let busy = 0;
  let busiest = 0;
  const attempts = new Map<string, number>();

  /** Job 3 fails at first. */
  const work = (message: MqttMessage): string => {
    const job = message.text();
    const attempt = (attempts.get(job) ?? 0) + 1;
    attempts.set(job, attempt);
    if (job === 'job 3' && attempt < 3) throw new Error(`${job} failed`);
    return `${job} is done${attempt === 1 ? '' : `, after ${attempt} attempts`}`;
  };
  const attempt = (message: MqttMessage) =>
    defer(() => {
      busy++;
      busiest = Math.max(busiest, busy);
      return timer(5).pipe(
        map(() => {
          busy--;
          return work(message);
        }),
      );
    }).pipe(retry({ count: 5, delay: 10 }));

  const done = lastValueFrom(
    works
      .subscribe('jobs', { qos: 1, ack: 'manual' })
      .pipe(ackAfter(attempt, { concurrency: 2 }), take(JOBS), tap(print)),
  );
  await firstValueFrom(works.granted('jobs'));
  await lastValueFrom(range(1, JOBS).pipe(publishTo(orders, (n) => ({ topic: 'jobs', payload: `job ${n}`, qos: 1 }))));
  await done;
  print(`at most ${busiest} at a time`);
  await Promise.all([works.end(), orders.end()]);
}

standalone('worker', (url) => worker(url));
