import type { BrokerLimits } from '../broker-limits.js';

/** What waits for the clients of a listener, where that differs from the limits of the broker. */
export interface QueuePolicy {
  /** Default: `limits.queuedMessages`. */
  readonly queuedMessages?: number;
  /** Default: `limits.queuedBytes`. */
  readonly queuedBytes?: number;
  /** Default: `limits.queuedQoS0`. */
  readonly queuedQoS0?: number;
  /**
   * What goes when a queue is full: the new message (`'drop-newest'`, the default; a client that takes nothing for two
   * seconds is disconnected then), or those that wait longest (`'drop-oldest'`). Both are counted in `droppedQueueFull`.
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
