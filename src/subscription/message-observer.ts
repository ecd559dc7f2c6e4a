import { Subscriber, type Unsubscribable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import { consume, consumeEnd, consumeError, type Consumer } from '../rx/consumer.js';
import type { Few } from './few.js';
import type { Membership } from './membership.js';
import type { SubscriptionRequest } from './subscription-request.js';

/** Whoever subscribed to one Observable that `subscribe()` returned. */
export interface MessageObserver {
  /** What messages are given to. */
  readonly subscriber: Subscriber<PublishPacket>;
  /** The application's function, where messages may be given to that without a step in between. */
  readonly handler: MessageHandler | undefined;
  readonly request: SubscriptionRequest;
  /** One for each of its filters, while it observes. */
  memberships: Few<Membership>;
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
  readonly handler = undefined;
  memberships: Few<Membership> = undefined;

  constructor(
    readonly subscriber: Subscriber<PublishPacket>,
    readonly request: SubscriptionRequest,
    private readonly exit: Exit,
  ) {}

  unsubscribe(): void {
    this.exit.detach(this);
  }
}

/**
 * The end of a pipeline that has no operators: the application's own function, or its observer. RxJS would wrap it in
 * three objects and list its teardown in two more; where very many filters are subscribed to one by one, these are
 * most of the memory, and to go from one to the next is most of the cost of a message.
 */
export class HandlerSubscriber extends Subscriber<PublishPacket> implements MessageObserver {
  memberships: Few<Membership> = undefined;

  constructor(
    private readonly target: Consumer<PublishPacket>,
    readonly request: SubscriptionRequest,
    private readonly exit: Exit,
  ) {
    super();
  }

  get subscriber(): Subscriber<PublishPacket> {
    return this;
  }

  get handler(): MessageHandler | undefined {
    return typeof this.target === 'function' && !this.isStopped ? this.target : undefined;
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.exit.detach(this);
    super.unsubscribe();
  }

  protected override _next(message: PublishPacket): void {
    consume(this.target, message);
  }

  protected override _error(error: unknown): void {
    this.exit.silence();
    consumeError(this.target, error);
    this.unsubscribe();
  }

  protected override _complete(): void {
    this.exit.silence();
    consumeEnd(this.target);
    this.unsubscribe();
  }
}
