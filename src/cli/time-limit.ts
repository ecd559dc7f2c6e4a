import { defer, identity, map, type MonoTypeOperatorFunction, takeUntil, tap } from 'rxjs';
import { TimeoutError } from 'rxmqtt';
import { safeTimer } from '../rx/safe-timer.js';

/** Errors with a TimeoutError, whose text begins with `what`, if the source has not completed after `ms`. */
export function timeLimit<T>(ms: number | undefined, what: string): MonoTypeOperatorFunction<T> {
  if (ms === undefined) return identity;
  return (source$) => {
    const late$ = safeTimer(ms).pipe(
      map((): never => {
        throw new TimeoutError(`${what} within ${ms / 1000} s`);
      }),
    );
    return source$.pipe(takeUntil(late$));
  };
}

/** Errors with a TimeoutError if the source completes with fewer values. */
export function atLeast<T>(count: number, what: string): MonoTypeOperatorFunction<T> {
  return (source$) =>
    defer(() => {
      let seen = 0;
      return source$.pipe(
        tap({
          next: () => seen++,
          complete: () => {
            if (seen < count) throw new TimeoutError(what);
          },
        }),
      );
    });
}

/** Completes after `ms`, if not earlier. */
export function forAtMost<T>(ms: number | undefined): MonoTypeOperatorFunction<T> {
  return ms === undefined ? identity : takeUntil(safeTimer(ms));
}
