import { type ByteTotal, MESSAGE_OVERHEAD } from '../../session/backlog.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { QueueLimits } from './queue-limits.js';

/** The messages that a session holds for its client. */
export interface Held {
  /** Messages that wait. */
  readonly backlog: number;
  /** Bytes that wait or are in flight. */
  readonly held: number;
}

/** Whether so many bytes more are within a session's own bounds. */
export function fitsSession(bytes: number, { backlog, held }: Held, limits: QueueLimits): boolean {
  return held + bytes <= limits.queuedBytes && backlog < limits.queuedMessages;
}

/**
 * Whether one message more of so many bytes is within a session's share of the pool of all sessions. The fuller the
 * pool, the smaller the share: a session may hold twice the free part, so that the next one always has room.
 */
export function fitsTotal(bytes: number, { backlog, held }: Held, limits: BrokerLimits, total: ByteTotal): boolean {
  const left = limits.totalQueuedBytes - total.bytes;
  const own = held + backlog * MESSAGE_OVERHEAD;
  const more = bytes + MESSAGE_OVERHEAD;
  return more <= left && own + more <= 2 * left;
}
