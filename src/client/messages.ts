import { type Observable, throwError, type Subscription } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { Consumer } from '../rx/consumer.js';
import { ShortWay } from '../rx/short-way.js';
import { fold } from '../subscription/folded-subscription.js';
import { HandlerSubscription } from '../subscription/handler-subscription.js';
import type { SubscribeOptions } from './client-options.js';
import { messagesOf as pipedMessages, wanted, type Subscribing } from './subscribing.js';

/**
 * What `subscribe()` returns. An application's function or observer that is subscribed right here, without an operator
 * in between, is taken as it is: {@link HandlerSubscription} says why.
 */
class Messages extends ShortWay<PublishPacket> {
  constructor(
    private readonly subscribing: Subscribing,
    private readonly filter: string | readonly string[],
    private readonly options: SubscribeOptions | undefined,
  ) {
    super();
  }

  protected override take(target: Consumer<PublishPacket>): Subscription {
    try {
      const { registry, demand } = this.subscribing;
      const { filters, request } = wanted(this.subscribing, this.filter, this.options);
      const observer = new HandlerSubscription(target, request, registry);
      const began = registry.attach(observer, filters);
      const need = demand.add();
      if (began && need === undefined) return fold(observer);
      observer.add(need);
      return observer;
    } catch (problem) {
      return throwError(() => problem).subscribe(target);
    }
  }

  protected override piped(): Observable<PublishPacket> {
    return pipedMessages(this.subscribing, this.filter, this.options);
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
