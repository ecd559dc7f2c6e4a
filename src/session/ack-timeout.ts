import { Observable, Subscription } from 'rxjs';
import { afterElapsed, elapsed } from '../rx/clock.js';

/**
 * Watches for acknowledgements that take longer than `timeout` ms. Runs one timer, set to the oldest message, while
 * subscribed. Never emits.
 * @param failTimedOut fails the messages overdue at `now` and returns the ms until the next one is due
 */
export function ackTimeout(timeout: number, failTimedOut: (now: number) => number): Observable<never> {
  return new Observable<never>((subscriber) => {
    let timer = Subscription.EMPTY;
    const wait = (ms: number): void => {
      timer = afterElapsed(ms, () => wait(failTimedOut(elapsed())));
      // Failing one may have ended the connection.
      if (subscriber.closed) timer.unsubscribe();
    };
    subscriber.add(() => timer.unsubscribe());
    wait(timeout);
  });
}
