import { map, type OperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import type { StreamInput } from '../rx/from-input.js';
import { KeyedQueue } from './keyed-queue.js';
import { callback, checkOptions, type Checks, unchecked } from '../options/check-options.js';
import type { NoInference } from './no-inference.js';
import { checkConcurrency, runConcurrently, type Job } from './run-concurrently.js';

export interface AckAfterOptions<M = MqttMessage> {
  /** The most messages that are worked on at a time; default 1, `Infinity` for no bound. */
  readonly concurrency?: number;
  /**
   * Messages of one key are worked on one after the other, in the order in which they came, and those of other keys beside
   * them: `({ topic }) => topic`. Keys are compared as in a Map. Left out: any messages are worked on side by side.
   */
  readonly key?: (message: NoInference<M>) => unknown;
}

/**
 * Works on each message and acknowledges it when the work is done; for a subscription with `ack: 'manual'`. The broker
 * stops sending at Receive Maximum unacknowledged messages, so that a slow `project` slows the broker down.
 *
 * Emits what the work emits. The message is acknowledged when its work completes, and not when it fails. Whatever order
 * work is done in, acknowledgements leave in the order in which the messages came [MQTT-4.6.0-2]. Of the messages that may
 * be worked on, the one that came first is next.
 *
 * ```text
 * messages             a1 a2 b1 |
 * work on a1           x---|
 *         a2               y--|
 *         b1                 z-|       concurrency: 2, key: the letter
 *                      x---y-z--|
 * ```
 *
 * - Completes when the source has completed and all work is done.
 * - Errors with the source, and when `key` or `project` throws or the work errors. That message and those that were still
 *   worked on are not acknowledged: the broker sends them again to the next connection of the session. Catch inside of
 *   `project` what shall count as done.
 * - Holds the messages that wait for one of the `concurrency` places, which are at most as many as the broker sends
 *   without an acknowledgement.
 * - Unsubscribing unsubscribes from the source and from the work, and acknowledges nothing.
 *
 * @throws MqttError `INVALID_OPTION` unless the concurrency is a whole number of at least 1, or Infinity.
 *
 * ```ts
 * client.subscribe('orders/#', { qos: 1, ack: 'manual' }).pipe(
 *   ackAfter((message) => database.insert(message.json()), { concurrency: 8 }),
 * ).subscribe();
 * ```
 */
export function ackAfter<R, M extends { ack(): void } = MqttMessage>(
  project: (message: M) => StreamInput<R>,
  options: AckAfterOptions<M> = {},
): OperatorFunction<M, R> {
  const known: Checks<AckAfterOptions> = { concurrency: unchecked, key: callback };
  const { concurrency = 1, key } = checkOptions<AckAfterOptions<M>>(options, known, 'ackAfter');
  checkConcurrency('ackAfter', concurrency);
  if (key === undefined) {
    const job: Job<M, R> = { concurrency, run: project, completed: (message) => message.ack() };
    return (source) => runConcurrently(source, job);
  }
  const job: Job<KeyedMessage<M>, R> = {
    concurrency,
    run: ({ message }) => project(message),
    completed: ({ message }) => message.ack(),
    waiting: () => new KeyedQueue(),
  };
  return (source) => runConcurrently(source.pipe(map((message) => ({ message, key: key(message) }))), job);
}

interface KeyedMessage<M> {
  readonly message: M;
  readonly key: unknown;
}
