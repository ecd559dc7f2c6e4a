import type { Subscriber } from 'rxjs';
import type { SubscribeError } from '../errors.js';
import type { UnsubscribeProperties } from '../packet/packets.js';
import { requestSize } from '../packet/request-size.js';
import { subscribeBatches, unsubscribeBatches } from './batches.js';
import type { FilterSubscription } from './filter-subscription.js';
import { tooLarge, unsupported, unsupportedOption, type SubscribeLimits } from './subscribe-errors.js';

/** One UNSUBSCRIBE. */
export interface UnsubscribeCall {
  readonly filters: readonly string[];
  readonly properties: UnsubscribeProperties | undefined;
  /** The caller of `unsubscribe()`; undefined when the last observers of the filters left. */
  readonly caller: Subscriber<readonly number[]> | undefined;
}

/** What may differ from the broker's state. */
export interface Changes {
  readonly subscriptions: readonly FilterSubscription[];
  /** Filters that the broker may have and the application no longer wants. */
  readonly unwanted: readonly string[];
  /** The calls of `unsubscribe()`. */
  readonly calls: readonly UnsubscribeCall[];
}

/** The limits of the connected broker. */
export interface ReconcileLimits extends SubscribeLimits {
  /** The most filters in one packet. */
  readonly batchSize: number;
  /** The version was negotiated: an option that it lacks is reported, and the filter requested without it. */
  readonly isLenient: boolean;
}

/** One SUBSCRIBE. */
export interface PlannedSubscribe {
  readonly subscriptions: readonly FilterSubscription[];
  /** Its subscription identifier; undefined when identifiers are not in use. */
  readonly identifier: number | undefined;
  /** The last subscription identifier in use once this packet is sent. */
  readonly lastIdentifier: number;
}

/** Brings the broker in step: first the requests it cannot serve, then the packets in sending order. */
export interface Plan {
  readonly denied: readonly { readonly subscription: FilterSubscription; readonly error: SubscribeError }[];
  /** The calls that no packet can carry. */
  readonly refused: readonly { readonly call: UnsubscribeCall; readonly error: SubscribeError }[];
  /** The options that the other requests lose. */
  readonly lostOptions: readonly SubscribeError[];
  readonly unsubscribe: readonly UnsubscribeCall[];
  readonly subscribe: readonly PlannedSubscribe[];
}

/** The largest subscription identifier (section 3.8.2.1.2). */
const LARGEST_IDENTIFIER = 268_435_455;

/**
 * Plans the packets that give the broker what the application wants. It changes nothing and knows no packet
 * identifiers: a packet that gets none is planned again later.
 *
 * @param lastIdentifier - the last subscription identifier in use.
 */
export function reconcile(changes: Changes, broker: ReconcileLimits, lastIdentifier: number): Plan {
  const limits = { maxFilters: broker.batchSize, maxBytes: broker.maximumPacketSize };
  const needed = changes.subscriptions.filter(({ isPending }) => isPending);
  // The identifier is not known yet, only its upper bound.
  const largest = Math.min(LARGEST_IDENTIFIER, lastIdentifier + needed.length);
  const { denied, lostOptions, supported } = checked(needed, broker, largest);
  const separateOverlaps = broker.subscriptionIdentifiersAvailable;
  const subscribe = [];
  for (const subscriptions of subscribeBatches(supported, limits, separateOverlaps)) {
    const chosen = subscriptions[0]?.request.properties?.subscriptionIdentifier;
    let identifier: number | undefined;
    if (typeof chosen === 'number') identifier = chosen;
    else if (separateOverlaps) {
      lastIdentifier = lastIdentifier === LARGEST_IDENTIFIER ? 1 : lastIdentifier + 1;
      identifier = lastIdentifier;
    }
    subscribe.push({ subscriptions, identifier, lastIdentifier });
  }
  const { fitting, refused } = checkedCalls(changes.calls, broker);
  const unwanted = unsubscribeBatches(changes.unwanted, limits).map((filters) => ({
    filters,
    properties: undefined,
    caller: undefined,
  }));
  return { denied, refused, lostOptions, unsubscribe: [...fitting, ...unwanted], subscribe };
}

/** Divides subscriptions into those that the broker supports, and those that it must not be asked for. */
function checked(
  needed: readonly FilterSubscription[],
  broker: ReconcileLimits,
  largestIdentifier: number,
): Pick<Plan, 'denied' | 'lostOptions'> & { readonly supported: readonly FilterSubscription[] } {
  const denied = [];
  const lostOptions = [];
  const supported = [];
  for (const subscription of needed) {
    const lostOption = unsupportedOption(subscription, broker);
    const error = unsupported(subscription, broker, largestIdentifier) ?? (broker.isLenient ? undefined : lostOption);
    if (error !== undefined) {
      denied.push({ subscription, error });
      continue;
    }
    supported.push(subscription);
    if (lostOption !== undefined) lostOptions.push(lostOption);
  }
  return { denied, lostOptions, supported };
}

function checkedCalls(
  calls: readonly UnsubscribeCall[],
  { protocolVersion, maximumPacketSize }: ReconcileLimits,
): Pick<Plan, 'refused'> & { readonly fitting: readonly UnsubscribeCall[] } {
  const fitting = [];
  const refused = [];
  for (const call of calls) {
    const { filters, properties } = call;
    const size = requestSize('unsubscribe', protocolVersion, filters, properties);
    if (size <= maximumPacketSize) fitting.push(call);
    else refused.push({ call, error: tooLarge(filters[0] ?? '', 'unsubscribe from', size, maximumPacketSize) });
  }
  return { fitting, refused };
}
