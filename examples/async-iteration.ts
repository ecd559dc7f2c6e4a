import { firstValueFrom, lastValueFrom, range } from 'rxjs';
import { connect, publishTo, toAsyncIterable } from 'rxmqtt';
import { standalone } from './standalone.js';

/** Reads a subscription with `for await`: the buffer is bounded, and leaving the loop unsubscribes. */
export async function asyncIteration(url: string, print: (line: string) => void = console.log): Promise<void> {
  const client = connect(url);
  const readings = toAsyncIterable(client.subscribe('tank/level', { qos: 1 }), { highWaterMark: 100 });
  const iterator = readings[Symbol.asyncIterator]();
  const first = iterator.next();
  await firstValueFrom(client.granted('tank/level'));
  await lastValueFrom(
    range(1, 10).pipe(publishTo(client, (n) => ({ topic: 'tank/level', payload: `${n * 10}`, qos: 1 }))),
  );
  for (let result = await first; result.done !== true; result = await iterator.next()) {
    const level = Number(result.value.text());
    print(`the tank is ${level} % full`);
    if (level >= 50) break;
  }
  await iterator.return?.();

  // The same without an iterator of one's own, which is all that is needed where nothing is published beside it.
  const levels = toAsyncIterable(client.subscribe('tank/full', { qos: 1 }));
  await lastValueFrom(client.publish('tank/full', 'yes', { qos: 1, retain: true }));
  for await (const message of levels) {
    print(`is the tank full? ${message.text()}`);
    break;
  }
  await client.end();
}

standalone('async-iteration', (url) => asyncIteration(url));
