import { asyncScheduler, Observable, type SchedulerAction } from 'rxjs';

/**
 * Looks after acknowledgements that take longer than `timeout` ms. One timer for all, set to the oldest; armed for as
 * long as it is subscribed. Never emits.
 * @param failTimedOut tells those who have waited too long at this time, and returns the ms until the next one is due
 */
export function ackTimeout(timeout: number, failTimedOut: (now: number) => number): Observable<never> {
  return new Observable<never>(() =>
    asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
      this.schedule(undefined, failTimedOut(asyncScheduler.now()));
    }, timeout),
  );
}
