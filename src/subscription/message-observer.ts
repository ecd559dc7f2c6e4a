import { type Observer, Subscriber, throwError, type Unsubscribable } from 'rxjs';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { Few } from './few.js';
import type { Membership } from './membership.js';
import type { SubscriptionRequest } from './subscription-request.js';

/** Whoever subscribed to one Observable that `subscribe()` returned. */
export interface MessageObserver {
  /** What messages are given to. */
  readonly subscriber: Subscriber<PublishPacket>;
  readonly request: SubscriptionRequest;
  /** One for each of its filters, while it observes. */
  memberships: Few<Membership>;
}

/** Lets an observer out again. */
export interface Exit {
  detach(observer: MessageObserver): void;
}

/** The subscriber of an operator, or of anything else that RxJS made. */
export class PipedObserver implements MessageObserver, Unsubscribable {
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

export type Handler = ((message: PublishPacket) => void) | Partial<Observer<PublishPacket>>;

/**
 * The end of a pipeline that has no operators: the application's own function, or its observer. RxJS would wrap it in
 * three objects and list its teardown in two more; where very many filters are subscribed to one by one, these are
 * most of the memory, and to go from one to the next is most of the cost of a message.
 */
export class HandlerSubscriber extends Subscriber<PublishPacket> implements MessageObserver {
  memberships: Few<Membership> = undefined;

  constructor(
    private readonly handler: Handler,
    readonly request: SubscriptionRequest,
    private readonly exit: Exit,
  ) {
    super();
  }

  get subscriber(): Subscriber<PublishPacket> {
    return this;
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.exit.detach(this);
    super.unsubscribe();
  }

  protected override _next(message: PublishPacket): void {
    const { handler } = this;
    try {
      if (typeof handler === 'function') handler(message);
      else handler.next?.(message);
    } catch (error) {
      report(error);
    }
  }

  protected override _error(error: unknown): void {
    const { handler } = this;
    try {
      if (typeof handler !== 'function' && handler.error) handler.error(error);
      else report(error);
    } catch (thrown) {
      report(thrown);
    } finally {
      this.unsubscribe();
    }
  }

  protected override _complete(): void {
    const { handler } = this;
    try {
      if (typeof handler !== 'function') handler.complete?.();
    } catch (error) {
      report(error);
    } finally {
      this.unsubscribe();
    }
  }
}

/** As RxJS does with what nobody handles: `config.onUnhandledError`, or else thrown from a timer of its own. */
function report(error: unknown): void {
  throwError(() => error).subscribe();
}
