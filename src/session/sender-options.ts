import type { PublishError } from '../errors.js';
import type { SendLimits } from '../packet/limits.js';
import type { AckCommand } from '../packet/packets.js';
import type { ByteTotal } from './backlog.js';
import type { OutgoingPublish } from './outgoing-publish.js';
import type { PublishLimits } from './publish-limits.js';
import type { Retention } from './retention.js';

/** The live connection as the sender sees it. */
export interface SendPort {
  readonly limits: SendLimits;
  /** The socket accepts no more for now. */
  readonly congested: boolean;
  /** Why a message may not be sent on this connection. Default: every message may. */
  readonly refusal?: ((message: OutgoingPublish) => PublishError | undefined) | undefined;
  publish(message: OutgoingPublish, dup: boolean): void;
  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void;
}

/** The `Quarantine`, as the sender sees it. */
export interface MessageQuarantine {
  /** A message is suspected, so all messages wait. */
  readonly suspectsMessage: boolean;
  /** Whether the message may be sent on this connection now. */
  admitsMessage(message: OutgoingPublish): boolean;
  messageAnswered(message: OutgoingPublish): void;
}

/**
 * How to handle sent, unacknowledged messages after the broker lost the session.
 * - `'safe'`: QoS 1 is published again; QoS 2 without PUBREC errors with `SessionLostError`, because publishing it
 *   again could duplicate it.
 * - `'republish'`: both are published again.
 * - `'fail'`: both error with `SessionLostError`.
 *
 * With every setting, a QoS 2 exchange past PUBREC counts as delivered and its receipt is marked `inDoubt`.
 */
export type SessionLostPolicy = 'safe' | 'republish' | 'fail';

export interface SenderOptions {
  /** Default `'safe'`. */
  readonly onSessionLost?: SessionLostPolicy | undefined;
  /** Default `'all'`. */
  readonly retention?: Retention | undefined;
  /** Send a publish above the peer's maximum QoS at that maximum instead of failing it. Default false. */
  readonly downgradeQos?: boolean | undefined;
  /** Whether QoS 0 messages wait while offline. Default true. */
  readonly qos0?: boolean | undefined;
  /** The outbox is emptied from outside, one message at a time; see `Sender.sendRateLimited`. Default false. */
  readonly rateLimited?: boolean | undefined;
  /** Bounds of every publish. Default: those of the peer. */
  readonly limits?: PublishLimits | undefined;
  /** Stamp messages with the time of sending, for acknowledgement time-outs. Default false. */
  readonly stamped?: boolean | undefined;
  /** Finds a message over which the peer ends its connections. Default: off. */
  readonly quarantine?: MessageQuarantine | undefined;
  /** Adds the bytes in flight to a shared total. */
  readonly total?: ByteTotal | undefined;
}
