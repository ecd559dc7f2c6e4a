import { Observable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { SubscriptionRegistry } from '../subscription/registry.js';
import type { SubscribeOptions } from './client-options.js';
import type { RefCount } from './ref-count.js';
import { toFilters, toSubscriptionRequest } from './subscribe-request.js';

/** What of a client subscriptions need. */
export interface Subscribing {
  readonly registry: SubscriptionRegistry;
  readonly demand: RefCount;
  /** @throws ClosedError when the client can no longer be asked for anything. */
  readonly check: () => void;
}

/**
 * The messages of topic filters. Everything is checked at each subscription: it errors with what cannot be asked for,
 * and with ClosedError when the client has ended.
 */
export function messagesOf(
  { registry, demand, check }: Subscribing,
  filter: string | readonly string[],
  options: SubscribeOptions | undefined,
): Observable<PublishPacket> {
  return new Observable<PublishPacket>((subscriber) => {
    check();
    const filters = toFilters(filter);
    registry.attach(subscriber, filters, toSubscriptionRequest(filters, options));
    return demand.add();
  });
}
