import { from, lastValueFrom, take, tap } from 'rxjs';
import { ackAfter, connect, publishTo, withTopic } from 'rxmqtt';
import { standalone } from './standalone.js';

/**
 * Carries messages from one broker to another. The first broker gets its acknowledgement when the second one has given
 * its own, so that a message is with one of the two at any time.
 */
export async function bridge(
  sourceUrl: string,
  targetUrl: string,
  print: (line: string) => void = console.log,
): Promise<void> {
  const source = connect(sourceUrl, { clientId: 'bridge', clean: false, sessionExpiry: 3600 });
  const target = connect(targetUrl);
  const carried = source
    .subscribe('site/#', { qos: 1, ack: 'manual' })
    .pipe(
      ackAfter(
        (message) =>
          target.publish(`plant-4/${message.topic}`, message.payload, { qos: message.qos, retain: message.retain }),
        { concurrency: 16 },
      ),
    )
    .subscribe();

  const arrived = lastValueFrom(
    target.subscribe('plant-4/#', { qos: 1 }).pipe(
      withTopic('plant-4/site/{site}/state'),
      take(3),
      tap(({ params, message }) => print(`the second broker has ${params.site}: ${message.text()}`)),
    ),
  );
  await lastValueFrom(
    from(['north', 'south', 'west']).pipe(
      publishTo(source, (site) => ({ topic: `site/${site}/state`, payload: 'open', qos: 1 })),
    ),
  );
  await arrived;
  carried.unsubscribe();
  await Promise.all([source.end({ sessionExpiry: 0 }), target.end()]);
}

standalone('bridge', (url, otherUrl) => bridge(url, otherUrl));
