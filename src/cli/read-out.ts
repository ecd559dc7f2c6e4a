import { concat, EMPTY, ignoreElements, type Observable, of, take } from 'rxjs';
import { ackAfter, type MqttMessage } from 'rxmqtt';
import type { Terminal } from './terminal.js';

/**
 * Prints messages of a subscription with `ack: 'manual'`, and emits each when the reader of the output has room for
 * more. So a slow reader slows the broker down, at every QoS.
 */
export function readOut(
  message$: Observable<MqttMessage>,
  print: (message: MqttMessage) => void,
  terminal: Terminal,
): Observable<MqttMessage> {
  return message$.pipe(
    ackAfter((message) => {
      print(message);
      const room$ = terminal.isFull() ? terminal.drained$.pipe(take(1), ignoreElements()) : EMPTY;
      return concat(room$, of(message));
    }),
  );
}
