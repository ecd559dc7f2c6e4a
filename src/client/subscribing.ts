import { Observable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { SubscriptionRegistry } from '../subscription/registry.js';
import { checkOptions, properties } from '../options/check-options.js';
import type { QoS } from '../packet/packets.js';
import type { FilterRecord, SubscribeOptions, UnsubscribeOptions } from './client-options.js';
import { toProperties } from './properties-input.js';
import type { RefCount } from './ref-count.js';
import { toFilters, toSubscriptionRequests } from './subscribe-request.js';

/** The parts of a client that `subscribe()` and `unsubscribe()` use. */
export interface Subscribing {
  readonly registry: SubscriptionRegistry;
  readonly demand: RefCount;
  /** The highest QoS to request. */
  readonly highestQos: QoS | undefined;
  /** @throws ClosedError when the client has ended. */
  readonly check: () => void;
}

/** The first argument of `subscribe()`: a filter, several, or a record of filters with options of their own. */
export type Filters = string | readonly string[] | FilterRecord;

/**
 * The messages of topic filters. Each subscription checks everything: it errors for invalid filters and options, and
 * with ClosedError when the client has ended.
 */
export function messagesOf(
  { registry, demand, check, highestQos }: Subscribing,
  filters: Filters,
  options: SubscribeOptions | undefined,
): Observable<PublishPacket> {
  return new Observable<PublishPacket>((subscriber) => {
    check();
    for (const { filters: some, request } of toSubscriptionRequests(filters, options, highestQos)) {
      registry.attach(subscriber, some, request);
    }
    return demand.add();
  });
}

/** The UNSUBACK codes of topic filters. Each subscription checks everything and sends UNSUBSCRIBE. */
export function unsubscribed(
  { registry, demand, check }: Subscribing,
  filters: string | readonly string[],
  options: UnsubscribeOptions,
): Observable<readonly number[]> {
  return new Observable<readonly number[]>((subscriber) => {
    check();
    const checked = checkOptions<UnsubscribeOptions>(options, { properties }, 'unsubscribe');
    const given = checked.properties && toProperties(checked.properties, 'unsubscribe');
    subscriber.add(registry.unsubscribe(toFilters(filters), given).subscribe(subscriber));
    return demand.add();
  });
}
