import type { MqttClient, MqttMessage } from 'rxmqtt';
import {
  catchError,
  combineLatest,
  connect,
  interval,
  map,
  type Observable,
  of,
  scan,
  startWith,
  throttleTime,
  withLatestFrom,
} from 'rxjs';

export interface Row {
  readonly number: number;
  readonly time: number;
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
}

/** What comes by one filter. */
export interface Traffic {
  /** The newest first. */
  readonly rows: readonly Row[];
  /** All messages so far. */
  readonly count: number;
  /** Messages a second, of those that are live. */
  readonly rate: number;
  readonly error?: string;
}

type Arrivals = Pick<Traffic, 'rows' | 'count'> & { readonly live: number };

const KEPT_ROWS = 40;
const NOTHING: Arrivals = { rows: [], count: 0, live: 0 };

/** s over which the rate is taken. */
const RATE_OVER = 5;

/** The messages of a filter, as rows and as a rate. It never errors: what is wrong is told beside the rows. */
export function traffic$(client: MqttClient, filter: string): Observable<Traffic> {
  return client.subscribe(filter).pipe(
    scan(withMessage, NOTHING),
    startWith(NOTHING),
    connect((arrivals$) =>
      combineLatest([
        arrivals$.pipe(throttleTime(100, undefined, { leading: true, trailing: true })),
        rate$(arrivals$),
      ]),
    ),
    map(([{ rows, count }, rate]) => ({ rows, count, rate })),
    catchError((error: Error) => of({ rows: [], count: 0, rate: 0, error: error.message })),
  );
}

function withMessage({ rows, count, live }: Arrivals, { topic, payload, retain }: MqttMessage): Arrivals {
  const text = new TextDecoder().decode(payload.subarray(0, 200));
  const row = { number: count, time: Date.now(), topic, text, retain };
  return { rows: [row, ...rows.slice(0, KEPT_ROWS - 1)], count: count + 1, live: live + (retain ? 0 : 1) };
}

/** Live messages a second, over the last seconds. */
function rate$(arrivals$: Observable<Arrivals>): Observable<number> {
  return interval(1000).pipe(
    withLatestFrom(arrivals$),
    scan((counts, [, { live }]) => [...counts, live].slice(-RATE_OVER - 1), [0]),
    map((counts) => ((counts.at(-1) ?? 0) - (counts[0] ?? 0)) / (counts.length - 1)),
    startWith(0),
  );
}
