import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { operate } from './operate.js';

/**
 * Passes some values straight on and sends all others through an operator, which may emit, drop or refuse them. If the
 * operator is synchronous, the order is kept. An error of either path errors the stream.
 *
 * The plain alternative is `connect()` with a `filter()` for each branch. It takes 1.5 to 1.9 times the CPU time for an
 * incoming QoS 0 message, from the chunk to the handler (in-memory connection, 1000 messages a chunk). Sending messages
 * through the operators as well takes 8 % more.
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
