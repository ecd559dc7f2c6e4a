import { ErrorCode, SubscribeError } from '../errors.js';
import type { SubscribeProperties } from '../packet/packets.js';
import { propertiesLength } from '../packet/properties.js';
import { varIntLength } from '../packet/var-int.js';
import { hasWildcard } from '../topic/topic-filter.js';
import { utf8Length } from '../utf8.js';
import type { FilterSubscription } from './filter-subscription.js';
import { tooLarge } from './subscribe-errors.js';

/** What CONNACK says about subscriptions. */
export interface SubscribeLimits {
  readonly protocolVersion: number;
  readonly maximumPacketSize: number;
  readonly wildcardSubscriptionAvailable: boolean;
  readonly sharedSubscriptionAvailable: boolean;
  readonly subscriptionIdentifiersAvailable: boolean;
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
  const size = requestSize(limits.protocolVersion, [filter], 3, { ...identified, ...properties });
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

/** Why the protocol version cannot keep an option of a subscription; undefined if it can. */
export function unkept({ filter, request }: FilterSubscription, limits: SubscribeLimits): SubscribeError | undefined {
  if (limits.protocolVersion === 5) return undefined;
  const option = (['noLocal', 'retainAsPublished'] as const).find((name) => request[name]);
  if (option === undefined) return undefined;
  return new SubscribeError(
    `subscribe to "${filter}": MQTT 3.1.1 has no ${option}; leave it out, or connect to a broker with MQTT 5`,
    { filter, code: ErrorCode.NOT_SUPPORTED },
  );
}

/** The size in bytes of an UNSUBSCRIBE packet with these filters. */
export function unsubscribeSize(
  version: number,
  filters: readonly string[],
  properties: SubscribeProperties | undefined,
): number {
  return requestSize(version, filters, 2, properties);
}

/** @param overhead - bytes that each filter adds to its own. */
function requestSize(
  version: number,
  filters: readonly string[],
  overhead: number,
  properties: SubscribeProperties | undefined,
): number {
  let remaining = 2;
  for (const filter of filters) remaining += overhead + utf8Length(filter);
  if (version === 5) {
    const content = propertiesLength(properties);
    remaining += varIntLength(content) + content;
  }
  return 1 + varIntLength(remaining) + remaining;
}
