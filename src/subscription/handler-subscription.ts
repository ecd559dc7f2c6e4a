import { Subscription } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { consume, consumeEnd, consumeError, type Consumer } from '../rx/consumer.js';
import type { Few } from './few.js';
import { Membership } from './membership.js';
import type { Exit, MessageHandler, MessageObserver, Recipient } from './message-observer.js';
import type { SubscriptionEntry } from './subscription-entry.js';
import type { SubscriptionRequest } from './subscription-request.js';

/** Hears nothing: in the place of what has ended, or was left. */
const NOBODY: Consumer<PublishPacket> = {};

/**
 * The end of a pipeline that has no operators: the application's own function, or its observer. RxJS would wrap it in
 * three objects and list its teardown in two more; where very many filters are subscribed to one by one, these are
 * most of the memory, and to go from one to the next is most of the cost of a message. For the same reason it is itself
 * its membership in its first filter, which is the only one as a rule.
 */
export class HandlerSubscription extends Subscription implements MessageObserver, Recipient, Membership {
  memberships: Few<Membership> = undefined;
  /** Of its first filter; below 0, `joined` tells that there is none yet. */
  entry!: SubscriptionEntry;
  joined = -1;
  identifier = 0;

  constructor(
    private target: Consumer<PublishPacket>,
    readonly request: SubscriptionRequest,
    private readonly exit: Exit,
  ) {
    super();
  }

  get subscriber(): Recipient {
    return this;
  }

  get observer(): MessageObserver {
    return this;
  }

  get handler(): MessageHandler | undefined {
    return typeof this.target === 'function' ? this.target : undefined;
  }

  join(entry: SubscriptionEntry): Membership {
    if (this.joined >= 0) return new Membership(entry, this);
    this.entry = entry;
    this.joined = entry.terms.round;
    return this;
  }

  next(message: PublishPacket): void {
    consume(this.target, message);
  }

  error(error: unknown): void {
    this.end((target) => consumeError(target, error));
  }

  complete(): void {
    this.end(consumeEnd);
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.exit.detach(this);
    this.target = NOBODY;
    super.unsubscribe();
  }

  private end(tell: (target: Consumer<PublishPacket>) => void): void {
    const { target } = this;
    if (target === NOBODY) return;
    this.target = NOBODY;
    this.exit.silence();
    tell(target);
    this.unsubscribe();
  }
}
