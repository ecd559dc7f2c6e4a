import type { MonoTypeOperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { callback, checkOptions } from '../options/check-options.js';
import { checkPeriod } from './check-period.js';
import { gather } from './gather.js';
import type { NoInference } from './no-inference.js';

/** Options of {@link conflate}. */
export interface ConflateOptions<M = MqttMessage> {
  /** A newer message replaces an older one with the same key. Default: the topic. */
  readonly key?: (message: NoInference<M>) => string;
}

/** What {@link conflate} needs of a message. @inline */
export interface Conflatable {
  readonly topic: string;
  ack?(): void;
}

/**
 * Emits the newest message of each key once per period: enough for a page that redraws ten times a second, however fast
 * messages arrive.
 *
 * The first message starts a period. At its end, the newest message of each key is emitted, in the order in which the
 * keys first arrived in the period. A replaced message is dropped; with `ack: 'manual'` it is acknowledged.
 *
 * ```text
 * messages           a1 b1 a2 a3 ----------- c1 b2 |
 * conflate(10)       --------------- a3 b1 ------- (c1 b2 |)
 * ```
 *
 * - Completes with the source, after emitting the remaining messages.
 * - Errors with the source at once, and when `key` throws; the remaining messages are dropped.
 * - Holds one message for each key of the current period.
 * - Unsubscribing unsubscribes from the source and drops the remaining messages.
 *
 * @param ms - the period in ms; 0: a tick.
 * @throws MqttError `INVALID_OPTION` for an invalid period.
 *
 * ```ts
 * client.subscribe('fleet/+/position').pipe(conflate(100)).subscribe((message) => moveMarker(message));
 * ```
 */
export function conflate<M extends Conflatable = MqttMessage>(
  ms: number,
  options: ConflateOptions<M> = {},
): MonoTypeOperatorFunction<M> {
  const { key = ({ topic }) => topic } = checkOptions<ConflateOptions<M>>(options, { key: callback }, 'conflate');
  checkPeriod('conflate: the period', ms);
  return gather<M, M>(ms, (ready) => {
    let newest = new Map<string, M>();
    return {
      add(message) {
        const name = key(message);
        const replaced = newest.get(name);
        newest.set(name, message);
        ready();
        // Last, because an in-process broker may answer with the next message at once.
        replaced?.ack?.();
      },
      emit(subscriber) {
        const messages = newest.values();
        newest = new Map();
        for (const message of messages) subscriber.next(message);
      },
    };
  });
}
