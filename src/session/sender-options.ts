import type { SendLimits } from '../packet/limits.js';
import type { AckCommand } from '../packet/packets.js';
import type { OutgoingPublish } from './outgoing-publish.js';
import type { PublishLimits } from './publish-limits.js';
import type { Retention } from './retention.js';

/** The live connection as the sender sees it. */
export interface SendPort {
  readonly limits: SendLimits;
  /** The socket takes no more for now. */
  readonly congested: boolean;
  /** Writes PUBLISH. */
  publish(message: OutgoingPublish, dup: boolean): void;
  /** Writes an acknowledgement. */
  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void;
}

/**
 * What becomes of messages that were sent but not acknowledged when the broker has lost the session.
 * - `'safe'`: QoS 1 is published anew; QoS 2 without PUBREC errors with `SessionLostError`, because sending it anew
 *   could double it.
 * - `'republish'`: both are published anew.
 * - `'fail'`: both error with `SessionLostError`.
 *
 * A QoS 2 exchange past PUBREC counts as delivered with each of them, marked `inDoubt` in its receipt.
 */
export type SessionLostPolicy = 'safe' | 'republish' | 'fail';

export interface SenderOptions {
  /** Default `'safe'`. */
  readonly onSessionLost?: SessionLostPolicy | undefined;
  /** Default `'all'`. */
  readonly retention?: Retention | undefined;
  /** Send at the peer's maximum QoS what was published above it, instead of failing it. Default false. */
  readonly downgradeQos?: boolean | undefined;
  /** Whether QoS 0 waits while there is no connection. Default true. */
  readonly qos0?: boolean | undefined;
  /** The outbox is emptied from outside, a message at a time; see `Sender.sendRateLimited`. Default false. */
  readonly rateLimited?: boolean | undefined;
  /** Bounds of every publish. Default: those of the peer. */
  readonly limits?: PublishLimits | undefined;
  /** Stamp messages with the time of sending, for acknowledgement time-outs. Default false. */
  readonly stamped?: boolean | undefined;
  /** Whether to look for a message that the peer ends its connections over; see `PoisonGuard`. Default true. */
  readonly guarded?: boolean | undefined;
}
