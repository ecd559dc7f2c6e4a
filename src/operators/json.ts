import type { OperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { checkOptions } from '../options/check-options.js';
import { operate } from '../rx/operate.js';
import { onErrorOr } from './on-error.js';

/** How {@link json} handles a payload that is not JSON. */
export interface JsonOptions<T, M = MqttMessage> {
  /**
   * - `'error'`, the default: the stream errors with the SyntaxError. One bad message then ends the subscription, which
   *   is what an operator of RxJS does, but seldom what a service wants that listens to devices of others;
   * - `'skip'`: the message is left out, and acknowledged (`ack: 'manual'`), or the ones behind it would wait for it;
   * - a function: what it returns is emitted instead, `undefined` leaves the message out as `'skip'` does, and what it
   *   throws errors the stream. It is the place to count, log or refuse (`message.ack(0x99)`) the bad ones.
   */
  readonly onError?: 'error' | 'skip' | ((error: unknown, message: M) => T | undefined);
}

/** What {@link json} needs of a message. */
export interface JsonMessage {
  json<U>(): U;
  ack?(): void;
}

/**
 * Emits the payload of each message, read as JSON. The type is an assertion: nothing checks the value against it. Without
 * one it is `unknown`; `parse` checks it.
 *
 * Completes and errors with the source; a payload that is not JSON is handled as `onError` says. Holds nothing;
 * unsubscribing unsubscribes from the source.
 *
 * ```ts
 * client.subscribe('site/+/reading').pipe(
 *   json<Reading>({ onError: 'skip' }),
 * ).subscribe((reading) => store(reading));
 * ```
 */
export function json<T = unknown, M extends JsonMessage = MqttMessage>(
  options: JsonOptions<T, M> = {},
): OperatorFunction<M, T> {
  const { onError = 'error' } = checkOptions<JsonOptions<T, M>>(options, { onError: onErrorOr('skip') }, 'json');
  return operate<M, T>((subscriber) => (message) => {
    let value: T | undefined;
    try {
      value = message.json<T>();
    } catch (error) {
      if (onError === 'error') throw error;
      value = onError === 'skip' ? undefined : onError(error, message);
      if (value === undefined) {
        message.ack?.();
        return;
      }
    }
    subscriber.next(value);
  });
}
