import type { Observer, Subscriber, Unsubscribable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { Few } from './few.js';
import { Membership } from './membership.js';
import type { SubscriptionEntry } from './subscription-entry.js';
import type { SubscriptionRequest } from './subscription-request.js';

/** What messages are given to; nothing, once it is closed. */
export interface Recipient extends Observer<PublishPacket> {
  readonly closed: boolean;
}

/** Whoever subscribed to one Observable that `subscribe()` returned. */
export interface MessageObserver {
  readonly subscriber: Recipient;
  /** The application's function, where messages may be given to that without a step in between. */
  readonly handler?: MessageHandler | undefined;
  readonly request: SubscriptionRequest;
  /** One for each of its filters, while it observes. */
  memberships: Few<Membership>;
  /** Makes its membership in one more filter, which others have to enter. */
  join(entry: SubscriptionEntry): Membership;
}

export type MessageHandler = (message: PublishPacket) => void;

/** Lets an observer out again. */
export interface Exit {
  detach(observer: MessageObserver): void;
  /** The observer is about to hear of its end: it is given nothing from now on. */
  silence(): void;
}

/** The subscriber of an operator, or of anything else that RxJS made. */
export class PipedObserver implements MessageObserver, Unsubscribable {
  memberships: Few<Membership> = undefined;

  constructor(
    readonly subscriber: Subscriber<PublishPacket>,
    readonly request: SubscriptionRequest,
    private readonly exit: Exit,
  ) {}

  join(entry: SubscriptionEntry): Membership {
    return new Membership(entry, this);
  }

  unsubscribe(): void {
    this.exit.detach(this);
  }
}
