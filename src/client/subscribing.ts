import { Observable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { SubscriptionRegistry } from '../subscription/registry.js';
import type { SubscribeOptions } from './client-options.js';
import type { RefCount } from './ref-count.js';
import { toFilters, toSubscriptionRequest } from './subscribe-request.js';

/** What `subscribe()` needs of a client. */
export interface Subscribing {
  readonly registry: SubscriptionRegistry;
  readonly demand: RefCount;
  /** @throws ClosedError when the client has ended or is ending. */
  readonly check: () => void;
}

/**
 * The messages of topic filters. Each subscription checks everything: it errors for invalid filters and options, and
 * with ClosedError when the client has ended.
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
