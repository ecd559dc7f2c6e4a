import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { operate } from './operate.js';

/**
 * Lets some values pass at once and takes all others through an operator, which may emit, drop or refuse them. The
 * order of values stays as it was where the operator is synchronous. An error of either way errors the stream.
 *
 * The plain way to part a stream is `connect()` with a `filter()` for each branch. It takes 1.5 to 1.9 times the CPU
 * time for an incoming QoS 0 message, from the chunk to the handler (a memory line, 1000 messages a chunk, measured in
 * turn). To send messages through all four operators of the others takes 8 % more.
 */
export function bypass<A, P extends A, B>(
  passes: (value: A) => value is P,
  others: OperatorFunction<Exclude<A, P>, B>,
): OperatorFunction<A, P | B> {
  return operate((subscriber) => {
    let aside: Subscriber<Exclude<A, P>> | undefined;
    subscriber.add(
      new Observable<Exclude<A, P>>((taker) => {
        aside = taker;
      })
        .pipe(others)
        .subscribe({ next: (value) => subscriber.next(value), error: (error) => subscriber.error(error) }),
    );
    return (value) => {
      if (passes(value)) subscriber.next(value);
      else aside?.next(value as Exclude<A, P>);
    };
  });
}
