import { Observable, type OperatorFunction, Subscriber } from 'rxjs';

/**
 * An operator from one function that looks at each value and tells the subscriber what it likes. What the function
 * throws errors the stream, as in the operators of RxJS; a plain observer would report it to nobody.
 *
 * The function is made anew for each subscription, so that it may close over that subscription's state.
 */
export function operate<A, B>(build: (subscriber: Subscriber<B>) => (value: A) => void): OperatorFunction<A, B> {
  return (source) =>
    new Observable<B>((subscriber) => source.subscribe(new OperateSubscriber(subscriber, build(subscriber))));
}

/** What the operators of RxJS subscribe with, too: an observer would be wrapped twice, which every value pays for. */
class OperateSubscriber<A, B> extends Subscriber<A> {
  constructor(
    private readonly subscriber: Subscriber<B>,
    private readonly take: (value: A) => void,
  ) {
    super(subscriber);
  }

  protected override _next(value: A): void {
    try {
      this.take(value);
    } catch (error) {
      this.subscriber.error(error);
    }
  }
}
