import type { Subscriber, Unsubscribable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeEnd } from '../rx/safe-observer.js';
import type { SubscriptionRequest } from './subscription-request.js';

type Holder = Pick<Subscriber<PublishPacket>, 'closed'>;

/** Tracks which observers hold a message and which received it. */
export interface DeliveryTracker {
  /** Returns a copy of the message for an observer that acknowledges by hand. */
  hold(message: PublishPacket, holder: Holder): PublishPacket;
  /** The observer receives a message that others may hold. */
  markDelivered(message: PublishPacket, observer: Holder): void;
  /** Whether this QoS 2 message was sent again and the observer already received it. */
  wasDelivered(message: PublishPacket, observer: Holder): boolean;
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

  /** The application unsubscribed, or the subscriber ended. */
  unsubscribe(): void {
    this.leave(this);
  }

  /** Errors or completes the subscriber. */
  end(error?: object): void {
    safeEnd(this.subscriber, error);
  }
}
