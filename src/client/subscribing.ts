import { Observable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { PipedObserver } from '../subscription/message-observer.js';
import type { SubscriptionRegistry } from '../subscription/registry.js';
import type { SubscriptionRequest } from '../subscription/subscription-request.js';
import type { SubscribeOptions } from './client-options.js';
import type { Demand } from './demand.js';
import { toFilters, toSubscriptionRequest } from './subscribe-request.js';

/** What of a client subscriptions need. */
export interface Subscribing {
  readonly registry: SubscriptionRegistry;
  readonly demand: Demand;
  /** @throws ClosedError when the client can no longer be asked for anything. */
  readonly check: () => void;
}

/** What is asked for, once it was found that it can be. */
export interface Wanted {
  readonly filters: readonly string[];
  readonly request: SubscriptionRequest;
}

/** @throws MqttError or TypeError when the client has ended, or what is wanted cannot be asked for. */
export function wanted(
  subscribing: Subscribing,
  filter: string | readonly string[],
  options: SubscribeOptions | undefined,
): Wanted {
  subscribing.check();
  const filters = toFilters(filter);
  return { filters, request: toSubscriptionRequest(filters, options) };
}

/** The messages of the filters; everything is checked at each subscription. */
export function messagesOf(
  subscribing: Subscribing,
  filter: string | readonly string[],
  options: SubscribeOptions | undefined,
): Observable<PublishPacket> {
  return new Observable<PublishPacket>((subscriber) => {
    const { registry, demand } = subscribing;
    const { filters, request } = wanted(subscribing, filter, options);
    const observer = new PipedObserver(subscriber, request, registry);
    registry.attach(observer, filters);
    subscriber.add(observer);
    subscriber.add(demand.add());
  });
}
