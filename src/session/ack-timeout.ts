import { asyncScheduler, Observable, type SchedulerAction } from 'rxjs';

/** Holds what waits for acknowledgements. */
export interface Awaiting {
  /**
   * Tells those who have waited for `timeout` ms or longer that it took too long, without giving up the exchange.
   * Returns the ms until the next one is due; `timeout` where none waits.
   */
  tellOverdue(now: number, timeout: number): number;
}

/**
 * Looks after acknowledgements that take longer than `timeout` ms. One timer for all, set to the oldest; armed for as
 * long as it is subscribed. Never emits.
 */
export function ackTimeout(timeout: number, awaiting: readonly Awaiting[]): Observable<never> {
  return new Observable<never>(() =>
    asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
      const now = asyncScheduler.now();
      let next = timeout;
      for (const one of awaiting) next = Math.min(next, one.tellOverdue(now, timeout));
      this.schedule(undefined, next);
    }, timeout),
  );
}
