import { type Observer, type Subscriber, Subscription, throwError, type Unsubscribable } from 'rxjs';
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
  readonly handler: MessageHandler | undefined;
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
  readonly handler = undefined;
  memberships: Few<Membership> = undefined;

  constructor(
    readonly subscriber: Subscriber<PublishPacket>,
    readonly request: SubscriptionRequest,
    private readonly exit: Exit,
  ) {}

  join(entry: SubscriptionEntry): Membership {
    return new Membership(entry, this, entry.round);
  }

  unsubscribe(): void {
    this.exit.detach(this);
  }
}

/** For `joined` of who is in no filter yet. */
const BEFORE_JOINING = -1;

export type Target = MessageHandler | Partial<Observer<PublishPacket>>;

/** Hears nothing: in the place of what has ended, or was left. */
const NOBODY: Target = {};

/**
 * The end of a pipeline that has no operators: the application's own function, or its observer. RxJS would wrap it in
 * three objects and list its teardown in two more; where very many filters are subscribed to one by one, these are
 * most of the memory, and to go from one to the next is most of the cost of a message. For the same reason it is itself
 * its membership in its first filter, which is the only one as a rule.
 */
export class HandlerSubscription extends Subscription implements MessageObserver, Recipient, Membership {
  memberships: Few<Membership> = undefined;
  /** Of its first filter. */
  entry!: SubscriptionEntry;
  joined = BEFORE_JOINING;
  identifier = 0;

  constructor(
    private target: Target,
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
    if (this.joined !== BEFORE_JOINING) return new Membership(entry, this, entry.round);
    this.entry = entry;
    this.joined = entry.round;
    return this;
  }

  next(message: PublishPacket): void {
    const { target } = this;
    try {
      if (typeof target === 'function') target(message);
      else target.next?.(message);
    } catch (error) {
      report(error);
    }
  }

  error(error: unknown): void {
    const { target } = this;
    if (target === NOBODY) return;
    this.end();
    try {
      if (typeof target !== 'function' && target.error) target.error(error);
      else report(error);
    } catch (thrown) {
      report(thrown);
    } finally {
      this.unsubscribe();
    }
  }

  complete(): void {
    const { target } = this;
    if (target === NOBODY) return;
    this.end();
    try {
      if (typeof target !== 'function') target.complete?.();
    } catch (error) {
      report(error);
    } finally {
      this.unsubscribe();
    }
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.exit.detach(this);
    this.target = NOBODY;
    super.unsubscribe();
  }

  private end(): void {
    this.target = NOBODY;
    this.exit.silence();
  }
}

/** As RxJS does with what nobody handles: `config.onUnhandledError`, or else thrown from a timer of its own. */
export function report(error: unknown): void {
  throwError(() => error).subscribe();
}
