import type { Subscriber, Unsubscribable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeEnd } from '../rx/safe-observer.js';
import type { SubscriptionRequest } from './subscription-request.js';

type Holder = Pick<Subscriber<PublishPacket>, 'closed'>;

/** Knows who holds a message, and who got it. */
export interface DeliveryTracker {
  /** A copy of the message for an observer that acknowledges by hand. */
  hold(message: PublishPacket, holder: Holder): PublishPacket;
  /** The observer gets a message that others may hold. */
  markDelivered(message: PublishPacket, observer: Holder): void;
  /** The message is sent again at QoS 2, and the observer got it before. */
  wasDelivered(message: PublishPacket, observer: Holder): boolean;
}

/** The identifier of a SUBSCRIBE that had none. */
export const NOT_IDENTIFIED = -1;

/** What was subscribed to an Observable of `subscribe()`, on one of its filters. */
export class MessageSubscriber implements Unsubscribable {
  /** The generation of the filter's subscription in which it joined. */
  joined = 0;
  /** The subscription identifier of the SUBSCRIBE that it caused or met; 0 before that was sent. */
  identifier = 0;

  constructor(
    readonly filter: string,
    /** Its identity: one subscriber may observe several filters. */
    readonly subscriber: Subscriber<PublishPacket>,
    readonly request: SubscriptionRequest,
    private readonly leave: (observer: MessageSubscriber) => void,
  ) {}

  /** @param mayBeHeld - observers of the message acknowledge it by hand, this one or others. */
  deliver(message: PublishPacket, tracker: DeliveryTracker, mayBeHeld: boolean): void {
    const { subscriber } = this;
    // It may have left while others were served; its acknowledgement must not be waited for.
    if (subscriber.closed || (message.dup && tracker.wasDelivered(message, subscriber))) return;
    if (!mayBeHeld) return subscriber.next(message);
    if (this.request.manualAck) return subscriber.next(tracker.hold(message, subscriber));
    tracker.markDelivered(message, subscriber);
    subscriber.next(message);
  }

  /** The application has unsubscribed, or it has ended: it lets the filter go. */
  unsubscribe(): void {
    this.leave(this);
  }

  /** Ends it: with an error, or in order. */
  end(error?: object): void {
    safeEnd(this.subscriber, error);
  }
}
