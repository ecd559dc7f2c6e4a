import {
  catchError,
  EMPTY,
  exhaustMap,
  filter,
  interval,
  map,
  type Observable,
  pairwise,
  startWith,
  timeout,
} from 'rxjs';
import type { MqttClient } from 'rxmqtt';

/** Emits after the computer has slept: the time of day has moved on much further than a timer of `period` ms. */
export function wakeUps(period = 5000): Observable<unknown> {
  return interval(period).pipe(
    startWith(undefined),
    map(() => Date.now()),
    pairwise(),
    filter(([before, now]) => now - before > 3 * period),
  );
}

/**
 * For Node on laptops and devices: after a sleep, the broker must answer within `patience` ms; otherwise the client dials
 * at once. Emits nothing, until it is unsubscribed from. Pages do this by themselves.
 */
export function checkAfterSleep(client: MqttClient, period = 5000, patience = 2000): Observable<never> {
  return wakeUps(period).pipe(
    exhaustMap(() =>
      client.ping().pipe(
        timeout(patience),
        // No answer, or no connection: `reconnect()` also ends the waiting for the next attempt.
        catchError(() => client.reconnect()),
        catchError(() => EMPTY),
        exhaustMap(() => EMPTY),
      ),
    ),
  );
}
