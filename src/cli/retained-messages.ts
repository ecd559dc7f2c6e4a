import {
  catchError,
  defer,
  EMPTY,
  filter,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  repeat,
  switchMap,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import type { MqttClient, MqttMessage, SubscribeOptions } from 'rxmqtt';
import { safeTimer } from '../rx/safe-timer.js';

/** How often to check for further messages, in ms. */
const ROUND = 100;

/**
 * The retained messages of filters. MQTT does not signal their end, so it completes when a broker that answers PINGREQ
 * has sent none in between. Errors as `subscribe` does.
 */
export function retainedMessages(
  client: MqttClient,
  filters: readonly string[],
  options?: SubscribeOptions,
): Observable<MqttMessage> {
  return defer(() => {
    let count = 0;
    let before = -1;
    const round$ = safeTimer(ROUND).pipe(switchMap(() => client.ping().pipe(catchError(() => EMPTY))));
    const over$ = client.granted(filters).pipe(
      switchMap(() => round$.pipe(repeat())),
      map(() => {
        const isQuiet = count === before;
        before = count;
        return isQuiet;
      }),
      filter((isQuiet) => isQuiet),
      take(1),
    );
    return client.subscribe(filters, options).pipe(
      filterMessages((message) => message.retain),
      tap(() => count++),
      takeUntil(over$),
    );
  });
}

/** Passes wanted messages on, and acknowledges the others. */
export function filterMessages(isWanted: (message: MqttMessage) => boolean): MonoTypeOperatorFunction<MqttMessage> {
  return filter((message) => {
    if (isWanted(message)) return true;
    message.ack();
    return false;
  });
}
