import type { OperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { checkOptions } from '../options/check-options.js';
import { operate } from '../rx/operate.js';
import { onErrorOr } from './on-error.js';

/** How {@link json} handles a payload that is not JSON. */
export interface JsonOptions<T, M = MqttMessage> {
  /**
   * - `'error'`, the default: the stream errors with an `MqttError` `INVALID_JSON` that holds the topic. One bad
   *   message then ends the subscription, as in any RxJS operator; a service that listens to devices of others rarely
   *   wants that;
   * - `'skip'`: the message is dropped. With `ack: 'manual'` it is acknowledged, because the messages behind it would
   *   wait for it;
   * - a function: its result is emitted instead; `undefined` drops the message as `'skip'` does; if it throws, the
   *   stream errors. Use it to count, log or refuse (`message.ack(0x99)`) bad messages.
   */
  readonly onError?: 'error' | 'skip' | ((error: unknown, message: M) => T | undefined);
}

/** What {@link json} needs of a message. @inline */
export interface JsonMessage {
  json<U>(): U;
  ack?(): void;
}

/**
 * Parses the payload of each message as JSON and emits the value. The type argument is an assertion that nothing
 * checks; without it the type is `unknown`. Use `parse` to validate.
 *
 * Completes and errors with the source; `onError` handles a payload that is not JSON. Holds nothing;
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
