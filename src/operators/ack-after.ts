import type { ObservableInput, OperatorFunction } from 'rxjs';
import type { MqttMessage } from '../client/mqtt-message.js';
import { checkConcurrency, runConcurrently, type Job } from './run-concurrently.js';

export interface AckAfterOptions {
  /** How many messages to work on at a time; default 1, `Infinity` for no bound. */
  readonly concurrency?: number;
}

/**
 * Works on each message, acknowledges it when the work completes, and emits what the work emits. For a subscription
 * with `ack: 'manual'`: the broker stops at Receive Maximum unacknowledged messages, so a slow `project` slows the
 * broker down.
 *
 * - Completes when the source has completed and all work is done.
 * - Errors with the source, and when `project` throws or its work errors. That message and those still in progress are
 *   not acknowledged: the broker sends them again to the next connection of the session. To acknowledge a failed
 *   message, catch its error inside `project`.
 * - Holds the messages that wait for one of the `concurrency` places: at most as many as the broker sends without an
 *   acknowledgement.
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
  project: (message: M) => ObservableInput<R>,
  options: AckAfterOptions = {},
): OperatorFunction<M, R> {
  const { concurrency = 1 } = options;
  checkConcurrency('ackAfter', concurrency);
  const job: Job<M, R> = {
    concurrency,
    run: project,
    completed: (message) => message.ack(),
  };
  return (source) => runConcurrently(source, job);
}
