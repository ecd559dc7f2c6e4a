/** What every bundle does: a client connects, subscribes, publishes at each QoS, receives, and ends. */
import { connect, json } from 'rxmqtt';
import { concatMap, firstValueFrom, from, ignoreElements, map, merge, switchMap, take, timeout, toArray } from 'rxjs';

/** Resolves with the QoS of the messages that came back: `0, 1, 2`. */
export async function exchange(url, options) {
  const client = connect(url, { reconnect: false, ...options });
  const topic = `exchange/${Math.random()}/größe`;
  const publishAll$ = client.granted(topic).pipe(
    switchMap(() => from([0, 1, 2])),
    concatMap((qos) => client.publish(topic, JSON.stringify({ qos }), { qos })),
    ignoreElements(),
  );
  const received$ = client.subscribe(topic, { qos: 2 }).pipe(json(), take(3));
  const levels$ = merge(received$, publishAll$).pipe(
    map(({ qos }) => qos),
    toArray(),
    timeout(10_000),
  );
  try {
    return (await firstValueFrom(levels$)).join(', ');
  } finally {
    await client.end();
  }
}
