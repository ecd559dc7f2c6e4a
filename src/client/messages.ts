import { Observable, throwError, type Observer, type Subscription } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { isOwn, type Consumer } from '../rx/consumer.js';
import { HandlerSubscription } from '../subscription/handler-subscription.js';
import type { SubscribeOptions } from './client-options.js';
import { messagesOf as pipedMessages, wanted, type Subscribing } from './subscribing.js';

type Next = (message: PublishPacket) => void;

/**
 * What `subscribe()` returns. An application's function or observer that is subscribed right here, without an operator
 * in between, is taken as it is: {@link HandlerSubscription} says why. Everything else goes the way of RxJS.
 */
class Messages extends Observable<PublishPacket> {
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
    if (error || complete || !isOwn(target)) {
      return pipedMessages(this.subscribing, this.filter, this.options).subscribe(target as Next, error, complete);
    }
    try {
      const { registry, demand } = this.subscribing;
      const { filters, request } = wanted(this.subscribing, this.filter, this.options);
      const observer = new HandlerSubscription(target, request, registry);
      registry.attach(observer, filters);
      observer.add(demand.add());
      return observer;
    } catch (problem) {
      return throwError(() => problem).subscribe(target);
    }
  }
}

/** See {@link Messages}. */
export function messagesOf(
  subscribing: Subscribing,
  filter: string | readonly string[],
  options: SubscribeOptions | undefined,
): Observable<PublishPacket> {
  return new Messages(subscribing, filter, options);
}
