import { ErrorCode, type MqttError, SubscribeError } from '../errors.js';
import { reasonCodeName } from '../packet/reason-codes.js';
import { requestSize } from '../packet/request-size.js';
import { hasWildcard } from '../topic/topic-filter.js';
import type { FilterSubscription } from './filter-subscription.js';

/** The limits of CONNACK for subscriptions. */
export interface SubscribeLimits {
  readonly protocolVersion: number;
  readonly maximumPacketSize: number;
  readonly wildcardSubscriptionAvailable: boolean;
  readonly sharedSubscriptionAvailable: boolean;
  readonly subscriptionIdentifiersAvailable: boolean;
}

/** Offline, and requests may not wait for a connection. */
export function offline(what: string, filter = ''): SubscribeError {
  return new SubscribeError(
    `${what} to "${filter}" failed: the client is not connected, and the option retention does not allow waiting`,
    { filter, code: ErrorCode.CONNECTION_LOST },
  );
}

/** SUBACK refused the filter. */
export function refused(filter: string, reasonCode: number): SubscribeError {
  return new SubscribeError(`subscribe to "${filter}" was refused by the broker: ${reasonCodeName(reasonCode)}`, {
    filter,
    reasonCode,
  });
}

/** The filter that the `Quarantine` has convicted: some brokers hang up instead of refusing it in SUBACK. */
export function hungUpOn(filter: string, reason: MqttError): SubscribeError {
  return new SubscribeError(
    `subscribe to "${filter}" was refused: the broker ended the connection each time it was sent alone ` +
      `(${reason.message}); look at the filter and the permissions`,
    { filter, cause: reason, reasonCode: reason.reasonCode },
  );
}

/** [MQTT-3.2.2-15] */
export function tooLarge(filter: string, what: string, size: number, maximum: number): SubscribeError {
  return new SubscribeError(
    `${what} "${filter}" failed: the packet has ${size} bytes, but the broker accepts at most ${maximum}`,
    { filter, code: ErrorCode.PACKET_TOO_LARGE, reasonCode: 0x95 },
  );
}

/** The broker has one subscription for all observers of a filter, and therefore one set of options. */
export function conflict(filter: string, option: string, value: unknown): SubscribeError {
  return new SubscribeError(
    `subscribe to "${filter}" failed: it is already subscribed with ${option} ${String(value)}, and a broker keeps one ` +
      `set of options per filter; use the same options, or unsubscribe the other first`,
    { filter, code: ErrorCode.SUBSCRIBE_CONFLICT },
  );
}

/**
 * Why the broker does not support a subscription; undefined when it does.
 * @param subscriptionIdentifier - the largest it may get.
 */
export function unsupported(
  { filter, isShared, matched, request: { properties } }: FilterSubscription,
  limits: SubscribeLimits,
  subscriptionIdentifier: number,
): SubscribeError | undefined {
  const identified = limits.subscriptionIdentifiersAvailable ? { subscriptionIdentifier } : undefined;
  const size = requestSize('subscribe', limits.protocolVersion, [filter], { ...identified, ...properties });
  if (size > limits.maximumPacketSize) return tooLarge(filter, 'subscribe to', size, limits.maximumPacketSize);
  const cannot = (what: string, reasonCode: number): SubscribeError =>
    new SubscribeError(`subscribe to "${filter}" failed: the broker ${what}`, {
      filter,
      code: ErrorCode.NOT_SUPPORTED,
      reasonCode,
    });
  if (isShared && !limits.sharedSubscriptionAvailable) return cannot('does not support shared subscriptions', 0x9e);
  if (hasWildcard(matched) && !limits.wildcardSubscriptionAvailable) {
    return cannot('does not support wildcards', 0xa2);
  }
  if (properties?.subscriptionIdentifier !== undefined && !limits.subscriptionIdentifiersAvailable) {
    return cannot('does not support subscription identifiers', 0xa1);
  }
  return undefined;
}

/** Why the protocol version lacks an option of a subscription; undefined if it has all of them. */
export function unsupportedOption(
  { filter, request }: FilterSubscription,
  limits: SubscribeLimits,
): SubscribeError | undefined {
  if (limits.protocolVersion === 5) return undefined;
  const option = (['noLocal', 'retainAsPublished'] as const).find((name) => request[name]);
  if (option === undefined) return undefined;
  return new SubscribeError(
    `subscribe to "${filter}": MQTT 3.1.1 has no ${option}; leave it out, or connect to a broker with MQTT 5`,
    { filter, code: ErrorCode.NOT_SUPPORTED },
  );
}
