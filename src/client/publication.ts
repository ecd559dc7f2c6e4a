import { Observable, Subscription, type Observer, type Unsubscribable } from 'rxjs';
import { consume, consumeEnd, consumeError, type Consumer } from '../rx/consumer.js';
import { Direct } from '../rx/direct.js';
import type { PublishReceipt } from '../session/outgoing.js';
import { beginPublish, type Publishing } from './begin-publish.js';
import type { Payload, PublishOptions } from './client-options.js';

/**
 * What `publish()` returns. A message has one receipt, so that to subscribe is most of what it costs.
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

  protected override take(consumer: Consumer<PublishReceipt>): Subscription {
    return new Reader(consumer).follow(this);
  }

  protected override piped(): Observable<PublishReceipt> {
    return new Observable<PublishReceipt>((subscriber) => this.begin(subscriber));
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
