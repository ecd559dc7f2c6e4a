import { type MonoTypeOperatorFunction, Observable, Subscription } from 'rxjs';
import { after } from './after.js';

/**
 * Errors with what `late` makes when the source has emitted nothing, and is not over, within `ms`; what comes after
 * the first value may take its time. RxJS's `timeout` does that too, and much more, which pages would have to load.
 */
export function firstWithin<T>(ms: number, late: () => unknown): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      const waiting = new Subscription();
      const running = source.subscribe({
        next(value) {
          waiting.unsubscribe();
          subscriber.next(value);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      subscriber.add(running);
      // It may have emitted, or ended, at once.
      if (waiting.closed || running.closed) return;
      waiting.add(
        after(ms).subscribe(() => {
          running.unsubscribe();
          subscriber.error(late());
        }),
      );
      subscriber.add(waiting);
    });
}
