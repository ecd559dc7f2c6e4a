import { Observable, type OperatorFunction, Subscriber } from 'rxjs';

/**
 * Creates an operator from a function that receives each value and notifies the subscriber. If the function throws, the
 * stream errors, as in RxJS operators; a plain observer would report the error as unhandled.
 *
 * `build` runs once per subscription, so the function may close over that subscription's state.
 */
export function operate<A, B>(build: (subscriber: Subscriber<B>) => (value: A) => void): OperatorFunction<A, B> {
  return (source) =>
    new Observable<B>((subscriber) => source.subscribe(new OperateSubscriber(subscriber, build(subscriber))));
}

/** As RxJS operators do: with a plain observer every value would pass a second wrapper. */
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
