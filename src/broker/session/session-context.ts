import type { ByteTotal } from '../../session/backlog.js';
import type { Quota } from '../access/quota.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { BrokerCounters } from '../counters.js';
import type { Drops } from './drops.js';
import type { QueueLimits } from './queue-limits.js';
import type { Slices } from './slices.js';

/** What all sessions of a broker share. */
export interface SessionContext {
  readonly limits: BrokerLimits;
  /** Of a session whose listener says nothing else. */
  readonly queue: QueueLimits;
  readonly counters: BrokerCounters;
  readonly drops: Drops;
  /** Bytes that wait for all sessions. */
  readonly total: ByteTotal;
  /** Bytes of all sessions beside their messages. */
  readonly sessionBytes: Quota;
  /** For the search of retained messages. */
  readonly slices: Slices;
}
