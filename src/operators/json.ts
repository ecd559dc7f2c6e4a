import type { OperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { operate } from '../rx/operate.js';

/** How {@link json} handles a payload that is not JSON. */
export interface JsonOptions<T, M = MqttMessage> {
  /**
   * - `'error'`, the default: the stream errors with the SyntaxError. One bad message then ends the subscription, as
   *   with any RxJS operator. A service that listens to devices of others seldom wants that;
   * - `'skip'`: drops the message;
   * - a function: its result is emitted instead, `undefined` drops the message, and a throw errors the stream. Use it
   *   to count or log bad messages.
   */
  readonly onError?: 'error' | 'skip' | ((error: unknown, message: M) => T | undefined);
}

/**
 * Parses the payload of each message as JSON. The type is an assertion: nothing checks the value against it.
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
export function json<T = unknown, M extends { json<U>(): U } = MqttMessage>(
  options: JsonOptions<T, M> = {},
): OperatorFunction<M, T> {
  const { onError = 'error' } = options;
  return operate<M, T>((subscriber) => (message) => {
    let value: T | undefined;
    try {
      value = message.json<T>();
    } catch (error) {
      if (onError === 'error') throw error;
      if (onError === 'skip') return;
      value = onError(error, message);
      if (value === undefined) return;
    }
    subscriber.next(value);
  });
}
