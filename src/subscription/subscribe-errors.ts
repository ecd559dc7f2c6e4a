import { ErrorCode, SubscribeError } from '../errors.js';
import { reasonCodeName } from '../packet/reason-codes.js';
import { hasWildcard } from '../topic/topic-filter.js';
import { subscribeSize } from './request-size.js';
import type { SubscribeLimits } from './requests.js';
import type { SubscriptionEntry } from './subscription-entry.js';

/** There is no connection, and nothing may wait for one. */
export function offline(what: string, filter = ''): SubscribeError {
  return new SubscribeError(
    `${what} to "${filter}" failed: there is no connection, and the option retention lets it not wait for one`,
    { filter, code: ErrorCode.CONNECTION_LOST },
  );
}

/** SUBACK says no. */
export function refused(filter: string, reasonCode: number): SubscribeError {
  return new SubscribeError(`subscribe to "${filter}" was refused by the broker: ${reasonCodeName(reasonCode)}`, {
    filter,
    reasonCode,
  });
}

/** [MQTT-3.2.2-15] */
export function tooLarge(filter: string, what: string, size: number, maximum: number): SubscribeError {
  return new SubscribeError(
    `${what} "${filter}" failed: the packet has ${size} bytes, and the broker takes ${maximum} at most`,
    { filter, code: ErrorCode.PACKET_TOO_LARGE, reasonCode: 0x95 },
  );
}

/** What the broker said at CONNACK that it does not do. */
export function unsupported(
  entry: SubscriptionEntry,
  limits: SubscribeLimits,
  subscriptionIdentifier: number,
): SubscribeError | undefined {
  const { filter } = entry;
  const identified = limits.subscriptionIdentifiersAvailable ? { subscriptionIdentifier } : undefined;
  const size = subscribeSize(limits.protocolVersion, [filter], { ...identified, ...entry.terms.request.properties });
  if (size > limits.maximumPacketSize) return tooLarge(filter, 'subscribe to', size, limits.maximumPacketSize);
  const cannot = (what: string, reasonCode: number): SubscribeError =>
    new SubscribeError(`subscribe to "${filter}" failed: the broker ${what}`, {
      filter,
      code: ErrorCode.NOT_SUPPORTED,
      reasonCode,
    });
  if (entry.shared && !limits.sharedSubscriptionAvailable) return cannot('has no shared subscriptions', 0x9e);
  if (hasWildcard(entry.matched) && !limits.wildcardSubscriptionAvailable) {
    return cannot('takes no wildcards in filters', 0xa2);
  }
  if (
    entry.terms.request.properties?.subscriptionIdentifier !== undefined &&
    !limits.subscriptionIdentifiersAvailable
  ) {
    return cannot('takes no subscription identifiers', 0xa1);
  }
  return undefined;
}

/** Two observers of one filter have one subscription at the broker, and so one set of its options. */
export function conflict(filter: string, option: string, value: unknown): SubscribeError {
  return new SubscribeError(
    `subscribe to "${filter}" failed: it is subscribed with ${option} ${String(value)} already, and a broker keeps one ` +
      `set of options a filter; ask for the same, or end the other subscription first`,
    { filter, code: ErrorCode.SUBSCRIBE_CONFLICT },
  );
}
