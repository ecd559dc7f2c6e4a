import type { BrokerLimits } from '../broker-limits.js';

/** The bounds of the queues of a listener's clients, where they differ from the limits of the broker. */
export interface QueuePolicy {
  /** Default: `limits.queuedMessages`. */
  readonly queuedMessages?: number;
  /** Default: `limits.queuedBytes`. */
  readonly queuedBytes?: number;
  /** Default: `limits.queuedQoS0`. */
  readonly queuedQoS0?: number;
  /**
   * Which messages to drop when a queue is full: the new one (`'drop-newest'`, the default; then a client that reads
   * nothing for two seconds is disconnected), or those that wait longest (`'drop-oldest'`). Both are counted in
   * `droppedQueueFull`.
   */
  readonly overflow?: 'drop-newest' | 'drop-oldest';
}

/** The bounds of the queue of one session. */
export type QueueLimits = Required<QueuePolicy>;

export function queueLimits(
  { queuedMessages, queuedBytes, queuedQoS0 }: BrokerLimits,
  policy: QueuePolicy = {},
): QueueLimits {
  return { queuedMessages, queuedBytes, queuedQoS0, overflow: 'drop-newest', ...policy };
}
