import { distinctUntilChanged, groupBy, map, mergeMap, type Observable } from 'rxjs';
import { json, type MqttMessage } from 'rxmqtt';

/** What a boiler says of itself. */
interface Reading {
  readonly bar: number;
}

/** `high` and `normal` for each boiler, once at each crossing of six bar. */
export const alarms = (messages$: Observable<MqttMessage>): Observable<string> =>
  messages$.pipe(
    groupBy(({ topic }) => topic.split('/')[1] ?? ''),
    mergeMap((boiler$) =>
      boiler$.pipe(
        json<Reading>(),
        map(({ bar }) => (bar > 6 ? 'high' : 'normal')),
        distinctUntilChanged(),
        map((level) => `${boiler$.key} ${level}`),
      ),
    ),
  );
