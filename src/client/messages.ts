import { Observable, throwError, type Observer, type Subscription } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { isOwn, type Consumer } from '../rx/consumer.js';
import { HandlerSubscriber, PipedObserver } from '../subscription/message-observer.js';
import type { SubscriptionRegistry } from '../subscription/registry.js';
import type { SubscriptionRequest } from '../subscription/subscription-request.js';
import type { SubscribeOptions } from './client-options.js';
import type { Demand } from './demand.js';
import { toFilters, toSubscriptionRequest } from './subscribe-request.js';

type Next = (message: PublishPacket) => void;

/** What of a client subscriptions need. */
export interface Subscribing {
  readonly registry: SubscriptionRegistry;
  readonly demand: Demand;
  /** @throws ClosedError when the client can no longer be asked for anything. */
  readonly check: () => void;
}

/**
 * What `subscribe()` returns. An application's function or observer that is subscribed right here, without an operator
 * in between, is taken as it is: {@link HandlerSubscriber} says why. Everything else goes the way of RxJS.
 */
export class Messages extends Observable<PublishPacket> {
  constructor(
    private readonly subscribing: Subscribing,
    private readonly filter: string | readonly string[],
    private readonly options: SubscribeOptions | undefined,
  ) {
    super();
  }

  override subscribe(observerOrNext?: Partial<Observer<PublishPacket>> | Next): Subscription;
  override subscribe(
    next?: Next | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    target?: Consumer<PublishPacket> | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (error || complete || !isOwn(target)) return this.piped$.subscribe(target as Next, error, complete);
    try {
      const { registry, demand } = this.subscribing;
      const { filters, request } = this.check();
      const observer = new HandlerSubscriber(target, request, registry);
      registry.attach(observer, filters);
      observer.add(demand.add());
      return observer;
    } catch (problem) {
      return throwError(() => problem).subscribe(target);
    }
  }

  private get piped$(): Observable<PublishPacket> {
    return new Observable<PublishPacket>((subscriber) => {
      const { registry, demand } = this.subscribing;
      const { filters, request } = this.check();
      const observer = new PipedObserver(subscriber, request, registry);
      registry.attach(observer, filters);
      subscriber.add(observer);
      subscriber.add(demand.add());
    });
  }

  private check(): { readonly filters: readonly string[]; readonly request: SubscriptionRequest } {
    this.subscribing.check();
    const filters = toFilters(this.filter);
    return { filters, request: toSubscriptionRequest(filters, this.options) };
  }
}
