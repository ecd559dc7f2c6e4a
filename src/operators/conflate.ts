import type { MonoTypeOperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { callback, checkOptions } from '../options/check-options.js';
import { checkPeriod } from './check-period.js';
import { gather } from './gather.js';
import type { NoInference } from './no-inference.js';

export interface ConflateOptions<M = MqttMessage> {
  /** What a newer message replaces an older one of. Default: the topic. */
  readonly key?: (message: NoInference<M>) => string;
}

/** What {@link conflate} needs of a message. */
export interface Conflatable {
  readonly topic: string;
  ack?(): void;
}

/**
 * Emits the newest message of each key, once in so many ms: a page that redraws ten times a second needs no more, however
 * fast messages come.
 *
 * The first message begins a period; at its end come the newest messages of the keys that came in it, one by one, in the
 * order in which the keys first came. A message that a newer one replaces is left out, and acknowledged
 * (`ack: 'manual'`).
 *
 * ```text
 * messages           a1 b1 a2 a3 ----------- c1 b2 |
 * conflate(10)       --------------- a3 b1 ------- (c1 b2 |)
 * ```
 *
 * - Completes with the source, after what is left.
 * - Errors with the source at once, and when `key` throws; what is left is dropped then.
 * - Holds one message of each key that came in the period.
 * - Unsubscribing unsubscribes from the source and drops what is left.
 *
 * @param ms - the period; 0: a tick.
 * @throws MqttError `INVALID_OPTION` for a period that is no number of ms.
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
      take(message) {
        const name = key(message);
        const replaced = newest.get(name);
        newest.set(name, message);
        ready();
        // Last, because a broker in the same process answers with the next message at once.
        replaced?.ack?.();
      },
      give(subscriber) {
        const messages = newest.values();
        newest = new Map();
        for (const message of messages) subscriber.next(message);
      },
    };
  });
}
