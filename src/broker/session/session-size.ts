import type { WillPacket } from '../../packet/packets.js';
import { messageSize } from '../../packet/message-size.js';
import { hasWildcard } from '../../topic/topic-filter.js';
import { levelCount } from '../../topic/level-count.js';
import { type Principal, UNKNOWN } from '../access/principal.js';
import type { Subscription } from '../routing/subscription.js';

/**
 * Bytes, roughly, of these objects. Two deep filters may have their levels in the index for themselves: each has half.
 */
const SESSION = 1000;
const WILL = 200;
const SUBSCRIPTION = 500;
const LEVEL = 125;

/** Bytes, roughly, of a packet identifier in a set. */
export const OPEN_ID = 20;

/** Bytes of a session beside its messages, as `limits.sessionBytes` counts them. */
export function sessionSize(clientId: string, owner: Principal = UNKNOWN): number {
  return SESSION + clientId.length + owner.length;
}

/** Bytes of the will of a session. */
export function willSize(will: WillPacket | undefined): number {
  return will === undefined ? 0 : WILL + messageSize(will.topic, will.payload, will.properties);
}

/** Bytes of one subscription of a session. */
export function subscriptionSize({ filter, effective }: Subscription): number {
  return SUBSCRIPTION + filter.length + (hasWildcard(effective) ? LEVEL * levelCount(effective) : 0);
}
