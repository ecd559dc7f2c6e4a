import { map, type OperatorFunction, takeWhile } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { fromInput, type StreamInput } from '../rx/from-input.js';
import { KeyedQueue } from './keyed-queue.js';
import { callback, checkOptions, type Checks, unchecked } from '../options/check-options.js';
import type { NoInference } from './no-inference.js';
import { checkConcurrency, runConcurrently, type Job } from './run-concurrently.js';

/** Options of {@link ackAfter}. */
export interface AckAfterOptions<M = MqttMessage> {
  /** How many messages may be processed at a time; default 1, `Infinity` for no bound. */
  readonly concurrency?: number;
  /**
   * Messages with the same key are processed one after the other, in the order of arrival; other keys run in parallel.
   * Example: `({ topic }) => topic`. Keys are compared as in a Map. Without it, any messages run in parallel.
   */
  readonly key?: (message: NoInference<M>) => unknown;
}

/**
 * Processes each message and acknowledges it when `project` completes; for a subscription with `ack: 'manual'`. The
 * broker stops sending at Receive Maximum unacknowledged messages, so a slow `project` slows the broker down.
 *
 * Emits what the projects emit. A message is acknowledged when its project completes, but not when it fails.
 * Acknowledgements are sent in the order in which the messages arrived [MQTT-4.6.0-2], regardless of the order in which
 * the projects complete. Among the messages that may start, the oldest starts first.
 *
 * ```text
 * messages             a1 a2 b1 |
 * project(a1)          x---|
 *        (a2)              y--|
 *        (b1)                z-|       concurrency: 2, key: the letter
 *                      x---y-z--|
 * ```
 *
 * - Completes when the source and all projects have completed.
 * - Errors with the source, when `key` or `project` throws, and when a project errors. Its message and those still in
 *   progress are not acknowledged: the broker sends them again on the next connection of the session. To count a
 *   failure as done, catch it inside `project`.
 * - Holds the messages that wait for one of the `concurrency` places: at most as many as the broker sends without an
 *   acknowledgement.
 * - Unsubscribing unsubscribes from the source and the projects, and acknowledges nothing.
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
  callback(project, 'project', 'ackAfter');
  const known: Checks<AckAfterOptions> = { concurrency: unchecked, key: callback };
  const { concurrency = 1, key } = checkOptions<AckAfterOptions<M>>(options, known, 'ackAfter');
  checkConcurrency('ackAfter', concurrency);
  if (key === undefined) {
    const job: Job<M, R> = { concurrency, start: runOf(project), completed: (message) => message.ack() };
    return (source) => runConcurrently(source, job);
  }
  const job: Job<KeyedMessage<M>, R> = {
    concurrency,
    start: runOf(({ message }) => project(message)),
    completed: ({ message }) => message.ack(),
    waiting: () => new KeyedQueue(),
  };
  return (source) => runConcurrently(source.pipe(map((message) => ({ message, key: key(message) }))), job);
}

/** Runs what `project` makes of a value. */
function runOf<T, R>(project: (value: T) => StreamInput<R>): Job<T, R>['start'] {
  return (value, observer) =>
    fromInput(project(value))
      .pipe(takeWhile(() => !observer.closed))
      .subscribe(observer);
}

interface KeyedMessage<M> {
  readonly message: M;
  readonly key: unknown;
}
