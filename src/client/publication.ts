import { Observable, Subscriber, Subscription, type Observer, type Unsubscribable } from 'rxjs';
import { consume, consumeEnd, consumeError, isOwn, type Consumer } from '../rx/consumer.js';
import { Direct } from '../rx/direct.js';
import type { PublishReceipt } from '../session/outgoing.js';
import { beginPublish, type Publishing } from './begin-publish.js';
import type { Payload, PublishOptions } from './client-options.js';

type Next = (receipt: PublishReceipt) => void;

const NOBODY: Consumer<PublishReceipt> = {};

/**
 * What `publish()` returns. A message has one receipt, so that to subscribe is most of what it costs: the application's
 * own observer is taken as it is, and so is a subscriber of RxJS. Everything else goes the way of RxJS.
 */
export class Publication extends Direct<PublishReceipt> {
  constructor(
    private readonly publishing: Publishing,
    private readonly topic: string,
    private readonly payload: Payload,
    private readonly options: PublishOptions | undefined,
  ) {
    super();
  }

  override subscribe(observerOrNext?: Partial<Observer<PublishReceipt>> | Next): Subscription;
  override subscribe(
    next?: Next | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  override subscribe(
    target?: Consumer<PublishReceipt> | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (target instanceof Subscriber) {
      target.add(this.begin(target));
      return target;
    }
    const own = target ?? NOBODY;
    if (!error && !complete && isOwn(own)) return new Reader(own).follow(this);
    return new Observable<PublishReceipt>((subscriber) => this.begin(subscriber)).subscribe(
      target as Next,
      error,
      complete,
    );
  }

  begin(observer: Observer<PublishReceipt>): Unsubscribable | undefined {
    return beginPublish(this.publishing, this.topic, this.payload, this.options, observer);
  }
}

/** Tells an application's own observer. What is over at once, as QoS 0 mostly is, needs no subscription. */
class Reader implements Observer<PublishReceipt> {
  private subscription: Subscription | undefined = undefined;
  closed = false;

  constructor(private readonly consumer: Consumer<PublishReceipt>) {}

  follow(publication: Publication): Subscription {
    const begun = publication.begin(this);
    if (this.closed) {
      begun?.unsubscribe();
      return Subscription.EMPTY;
    }
    return (this.subscription = new Reading(this, begun));
  }

  next(receipt: PublishReceipt): void {
    if (!this.closed) consume(this.consumer, receipt);
  }

  error(error: unknown): void {
    if (this.closed) return;
    this.closed = true;
    consumeError(this.consumer, error);
    this.subscription?.unsubscribe();
  }

  complete(): void {
    if (this.closed) return;
    this.closed = true;
    consumeEnd(this.consumer);
    this.subscription?.unsubscribe();
  }
}

/** Ends a reader early, as a subscription does; a closure would be two objects more. */
class Reading extends Subscription {
  constructor(
    private readonly reader: Reader,
    private readonly begun: Unsubscribable | undefined,
  ) {
    super();
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.reader.closed = true;
    this.begun?.unsubscribe();
    super.unsubscribe();
  }
}
