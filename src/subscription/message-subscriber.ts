import type { Subscriber, Unsubscribable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeEnd } from '../rx/safe-observer.js';
import type { SubscriptionRequest } from './subscription-request.js';

type Holder = Pick<Subscriber<PublishPacket>, 'closed' | 'add'>;

/** Tracks which observers hold a message and which received it. */
export interface DeliveryTracker {
  /** Returns a copy of the message for an observer that acknowledges by hand. */
  hold(message: PublishPacket, holder: Holder): PublishPacket;
  /** The observer receives a message that others may hold. */
  markDelivered(message: PublishPacket, observer: object): void;
  /** Whether this QoS 2 message was sent again and the observer already received it. */
  wasDelivered(message: PublishPacket, observer: object): boolean;
}

/** The identifier of a SUBSCRIBE without one. */
export const NOT_IDENTIFIED = -1;

/** One observer of one filter: the RxJS subscriber and its acknowledgement mode. */
export class MessageSubscriber implements Unsubscribable {
  /** The generation of the filter's subscription when it joined. */
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

  /** @param mayBeHeld - an observer of the message, this one or another, acknowledges by hand. */
  deliver(message: PublishPacket, tracker: DeliveryTracker, mayBeHeld: boolean): void {
    const { subscriber } = this;
    // It may have left while others were served; do not wait for its acknowledgement.
    if (subscriber.closed || (message.dup && tracker.wasDelivered(message, subscriber))) return;
    if (!mayBeHeld) return subscriber.next(message);
    if (this.request.manualAck) return subscriber.next(tracker.hold(message, subscriber));
    tracker.markDelivered(message, subscriber);
    subscriber.next(message);
  }

  /** The application unsubscribed, or the subscriber ended. */
  unsubscribe(): void {
    this.leave(this);
  }

  /** Errors or completes the subscriber. */
  end(error?: object): void {
    safeEnd(this.subscriber, error);
  }
}
