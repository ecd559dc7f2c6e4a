import { asyncScheduler, Observable, type SchedulerAction } from 'rxjs';

/**
 * Watches for acknowledgements that take longer than `timeout` ms. Runs one timer, set to the oldest message, while
 * subscribed. Never emits.
 * @param failTimedOut fails the messages overdue at `now` and returns the ms until the next one is due
 */
export function ackTimeout(timeout: number, failTimedOut: (now: number) => number): Observable<never> {
  return new Observable<never>(() =>
    asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
      this.schedule(undefined, failTimedOut(asyncScheduler.now()));
    }, timeout),
  );
}
