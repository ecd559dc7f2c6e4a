import { auditTime, filter, groupBy, mergeMap, type Observable, scan, takeUntil, tap } from 'rxjs';
import { json, type MqttClient } from 'rxmqtt';
import { FILTER, type Reading } from './readings.js';
import { NO_ROWS, rolling, type Table, withRow } from './rolling.js';

export interface Surroundings {
  /** Only the readings of this run count. */
  readonly run: string;
  readonly received: (reading: Reading) => void;
  readonly over$: Observable<unknown>;
  /** ms between two tables that a reader can follow. */
  readonly pace: number;
}

/** The pipeline that the demo is about. It is shown while it runs, from the text of this file. */
export function readingsAsTable(client: MqttClient, { run, received, over$, pace }: Surroundings): Observable<Table> {
  return client.subscribe(FILTER, { qos: 1 }).pipe(
    json<Reading>({ onError: 'skip' }),
    filter((reading) => reading.run === run),
    tap(received),
    takeUntil(over$),
    groupBy(({ site }) => site),
    mergeMap(rolling(20)),
    scan(withRow, NO_ROWS),
    auditTime(pace),
  );
}
