import { identity, map, type MonoTypeOperatorFunction, takeUntil } from 'rxjs';
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

/** Completes after `ms`, if not earlier. */
export function forAtMost<T>(ms: number | undefined): MonoTypeOperatorFunction<T> {
  return ms === undefined ? identity : takeUntil(safeTimer(ms));
}
