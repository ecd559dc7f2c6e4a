import { type Checks, flag, numberIn, object, oneOf } from '../../options/check-options.js';
import type { QoS } from '../../packet/packets.js';
import type { BrokerLimits } from '../broker-limits.js';
import { queueLimits, type QueueLimits, type QueuePolicy } from '../session/queue-limits.js';

/** The rules for the clients of one listener. */
export interface ListenerPolicy {
  /**
   * The highest QoS of messages, in both directions. MQTT 5 clients are told (Maximum QoS); a PUBLISH above it ends the
   * connection (0x9B), a will above it refuses it, and subscriptions are granted at most that. Default 2.
   */
  readonly maxQos?: QoS;
  /**
   * Whether clients may publish retained messages, and get them when they subscribe. MQTT 5 clients are told (Retain
   * Available); a retained PUBLISH ends the connection (0x9A) where they may not. Default true.
   */
  readonly retainAvailable?: boolean;
  /** QoS 1 and 2 messages in flight from one client (Receive Maximum). Default: `limits.receiveMaximum`. */
  readonly receiveMaximum?: number;
  /**
   * The queues of the sessions whose clients connect here. A session that a store has kept has the bounds of the broker
   * until its client comes back.
   */
  readonly queue?: QueuePolicy;
}

/** A {@link ListenerPolicy} with its defaults. */
export interface ConnectionPolicy {
  readonly maxQos: QoS;
  readonly retainAvailable: boolean;
  readonly receiveMaximum: number;
  readonly queue: QueueLimits;
}

const messages = numberIn(0, Infinity, 'messages');

export const POLICY_CHECKS: Checks<ListenerPolicy> = {
  maxQos: oneOf(0, 1, 2),
  retainAvailable: flag,
  receiveMaximum: numberIn(1, 65_535, 'messages', true),
  queue: object<QueuePolicy>({
    queuedMessages: messages,
    queuedBytes: numberIn(0, Infinity, 'bytes'),
    queuedQoS0: messages,
    overflow: oneOf('drop-newest', 'drop-oldest'),
  }),
};

export function policyOf(given: ListenerPolicy, limits: BrokerLimits): ConnectionPolicy {
  const { maxQos = 2, retainAvailable = true, receiveMaximum = limits.receiveMaximum, queue } = given;
  return { maxQos, retainAvailable, receiveMaximum, queue: queueLimits(limits, queue) };
}
