import type { SubscribeError } from '../errors.js';
import { subscribeBatches, unsubscribeBatches } from './batches.js';
import type { FilterSubscription } from './filter-subscription.js';
import type { UnsubscribeCall } from './pending-unsubscribes.js';
import { unsupported, type SubscribeLimits } from './subscribe-limits.js';

/** What may be different from what the broker has. */
export interface Changes {
  readonly subscriptions: readonly FilterSubscription[];
  /** Filters that the broker may have, and that are not wanted any more. */
  readonly unwanted: readonly string[];
  /** What `unsubscribe()` was called for. */
  readonly calls: readonly UnsubscribeCall[];
}

/** The broker that is connected. */
export interface BrokerLimits extends SubscribeLimits {
  /** Filters that one packet holds at most. */
  readonly batchSize: number;
}

/** One SUBSCRIBE. */
export interface PlannedSubscribe {
  readonly subscriptions: readonly FilterSubscription[];
  /** Its subscription identifier; undefined where they are not in use. */
  readonly identifier: number | undefined;
  /** The last subscription identifier that was given out, once it is sent. */
  readonly lastIdentifier: number;
}

/** What brings the broker to what is wanted: what cannot be asked for, then the packets, in the order of sending. */
export interface Plan {
  readonly denied: readonly { readonly subscription: FilterSubscription; readonly error: SubscribeError }[];
  readonly unsubscribe: readonly UnsubscribeCall[];
  readonly subscribe: readonly PlannedSubscribe[];
}

/** The largest subscription identifier (section 3.8.2.1.2). */
const LARGEST_IDENTIFIER = 268_435_455;

/**
 * What is to be sent so that the broker has what is wanted. It changes nothing, and knows no packet identifiers: what
 * there is none for is planned anew later.
 *
 * @param lastIdentifier - the last subscription identifier that was given out.
 */
export function reconcile(changes: Changes, broker: BrokerLimits, lastIdentifier: number): Plan {
  const limits = { maxFilters: broker.batchSize, maxBytes: broker.maximumPacketSize };
  const needed = changes.subscriptions.filter(({ needsRequest }) => needsRequest);
  // The identifier that a subscription will get is not known yet, but how large it may be.
  const largest = Math.min(LARGEST_IDENTIFIER, lastIdentifier + needed.length);
  const denied = [];
  const supported = [];
  for (const subscription of needed) {
    const error = unsupported(subscription, broker, largest);
    if (error === undefined) supported.push(subscription);
    else denied.push({ subscription, error });
  }
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
  const unwanted = unsubscribeBatches(changes.unwanted, limits).map((filters) => ({
    filters,
    properties: undefined,
    caller: undefined,
  }));
  return { denied, unsubscribe: [...changes.calls, ...unwanted], subscribe };
}
