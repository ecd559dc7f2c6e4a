import { bufferCount, from, groupBy, lastValueFrom, map, mergeMap, type Observable, take, tap } from 'rxjs';
import { connect, json, type MqttMessage, publishTo, withTopic } from 'rxmqtt';
import { standalone } from './standalone.js';

interface Average {
  readonly room: string;
  readonly celsius: number;
}

/** The average of the last `size` readings of each room, from the moment on when there are as many. */
export const rollingAverage = (size: number) => (messages$: Observable<MqttMessage>) =>
  messages$.pipe(
    withTopic('house/{room}/temperature'),
    groupBy(({ params }) => params.room),
    mergeMap((room$) =>
      room$.pipe(
        map(({ message }) => message),
        json<number>({ onError: 'skip' }),
        bufferCount(size, 1),
        map((last): Average => ({ room: room$.key, celsius: last.reduce((sum, one) => sum + one, 0) / size })),
      ),
    ),
  );

/** Two rooms report five readings each; the averages of the last three are printed as they change. */
export async function rollingAverages(url: string, print: (line: string) => void = console.log): Promise<void> {
  const client = connect(url);
  const averages = lastValueFrom(
    client.subscribe('house/+/temperature', { qos: 1 }).pipe(
      rollingAverage(3),
      take(6),
      tap(({ room, celsius }) => print(`${room}: ${celsius.toFixed(1)} °C on average`)),
    ),
  );
  const readings = [18, 19, 20, 21, 22].flatMap((celsius) => [
    { room: 'kitchen', celsius },
    { room: 'attic', celsius: celsius - 6 },
  ]);
  await lastValueFrom(
    from(readings).pipe(
      publishTo(client, ({ room, celsius }) => ({
        topic: `house/${room}/temperature`,
        payload: JSON.stringify(celsius),
        qos: 1,
      })),
    ),
  );
  await averages;
  await client.end();
}

standalone('rolling-average', (url) => rollingAverages(url));
