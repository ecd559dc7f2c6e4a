import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';

/**
 * An operator from one function that looks at each value and tells the subscriber what it likes. What the function
 * throws errors the stream, as in the operators of RxJS; a plain observer would report it to nobody.
 *
 * The function is made anew for each subscription, so that it may close over that subscription's state.
 */
export function operate<A, B>(build: (subscriber: Subscriber<B>) => (value: A) => void): OperatorFunction<A, B> {
  return (source) =>
    new Observable<B>((subscriber) => {
      const next = build(subscriber);
      return source.subscribe({
        next(value) {
          try {
            next(value);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error(error) {
          subscriber.error(error);
        },
        complete() {
          subscriber.complete();
        },
      });
    });
}
