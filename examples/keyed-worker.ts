import { firstValueFrom, from, lastValueFrom, map, take, tap, timer } from 'rxjs';
import { ackAfter, connect, type MqttMessage, publishTo, topicTemplate } from 'rxmqtt';
import { standalone } from './standalone.js';

const events = topicTemplate('accounts/{account}/events');

/** What happens to two accounts. Work on the first event takes longest. */
const HAPPENS = [
  ['ann', 'opened', 40],
  ['ann', 'paid in', 10],
  ['bob', 'opened', 10],
  ['bob', 'closed', 5],
  ['ann', 'paid out', 5],
] as const;

/**
 * A worker that does the events of an account one after the other, in their order, and those of other accounts beside them.
 * An event is acknowledged when it is done; if the worker dies, the broker sends what was not done to its next connection.
 */
export async function keyedWorker(url: string, print: (line: string) => void = console.log): Promise<void> {
  const works = connect(url, { properties: { receiveMaximum: 20 } });
  const bank = connect(url);
  const accountOf = ({ topic }: MqttMessage) => events.params(topic)?.account;
  const book = (message: MqttMessage) => {
    const { what, ms } = message.json<{ what: string; ms: number }>();
    return timer(ms).pipe(map(() => `${accountOf(message)}: ${what}`));
  };
  const done = lastValueFrom(
    works
      .subscribe(events.filter, { qos: 1, ack: 'manual' })
      .pipe(ackAfter(book, { concurrency: 4, key: accountOf }), tap(print), take(HAPPENS.length)),
  );
  await firstValueFrom(works.granted(events.filter));
  await lastValueFrom(
    from(HAPPENS).pipe(
      publishTo(bank, ([account, what, ms]) => ({
        topic: events.name({ account }),
        payload: JSON.stringify({ what, ms }),
        qos: 1,
      })),
    ),
  );
  await done;
  await Promise.all([works.end(), bank.end()]);
}

standalone('keyed-worker', (url) => keyedWorker(url));
