import {
  defer,
  EMPTY,
  filter,
  map,
  merge,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  retryWhen,
  share,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import { safeTimer } from '../rx/safe-timer.js';
import { backoffDelays, type BackoffOptions } from './backoff.js';
import type { ConnectionFailure } from './connection-failure.js';

/**
 * Takes the whole stream of failures and emits once per further attempt. When it errors or completes, the client ends.
 */
export type ReconnectStrategy = (failures$: Observable<ConnectionFailure>) => Observable<unknown>;

interface RetryOptions {
  /** `false` gives up after the first failure. */
  readonly strategy: false | BackoffOptions | ReconnectStrategy;
  /** Whether retrying is pointless. */
  readonly isFatal: (failure: ConnectionFailure) => boolean;
  /** Whether to retry without delay. */
  readonly isUrgent: (failure: ConnectionFailure) => boolean;
  /** Called for each failure that is retried; the delay is undefined if a function of the application decides. */
  readonly onWait: (failure: ConnectionFailure, delay: number | undefined) => void;
  /** Skips the wait. */
  readonly now$: Observable<unknown>;
}

/**
 * Resubscribes to a source that failed with a `ConnectionFailure` when the strategy says so. If the strategy gives up,
 * errors with the last failure's error.
 *
 * Uses `retryWhen` because, unlike `retry({ delay })`, it takes the whole stream of failures, so an application can
 * supply its own pipeline.
 */
export function reconnect<T>(options: RetryOptions): MonoTypeOperatorFunction<T> {
  return retryWhen<T>((errors$: Observable<ConnectionFailure>) => {
    let waiting = false;
    const failures$ = errors$.pipe(
      map((failure) => {
        waiting = true;
        if (options.strategy === false || options.isFatal(failure)) throw failure.error;
        return failure;
      }),
    );
    return attempts(failures$, options).pipe(
      // A strategy may emit without a failure; that must not open a second connection.
      filter(() => waiting),
      tap(() => {
        waiting = false;
      }),
    );
  });
}

/** Adds the number of attempts to the last error. */
function gaveUp({ error, attempt }: ConnectionFailure): void {
  if (attempt > 1) error.message = `gave up after ${attempt} attempts: ${error.message}`;
}

function attempts(failures$: Observable<ConnectionFailure>, options: RetryOptions): Observable<unknown> {
  const { strategy, now$, onWait, isUrgent } = options;
  if (typeof strategy === 'function') {
    const told$ = failures$.pipe(
      map((failure) => {
        const urgent = isUrgent(failure);
        onWait(failure, urgent ? 0 : undefined);
        return { failure, urgent };
      }),
      share(),
    );
    const over = new Subject<void>();
    // Observe the failures here as well, because the strategy may ignore them.
    const others$ = merge(now$, told$.pipe(filter(({ urgent }) => urgent))).pipe(takeUntil(over));
    const decided$ = strategy(told$.pipe(map(({ failure }) => failure)));
    return merge(others$, decided$.pipe(tap({ complete: () => over.next() })));
  }
  let last: ConnectionFailure | undefined;
  return failures$.pipe(
    tap((failure) => {
      last = failure;
    }),
    backoffDelays(strategy === false ? {} : strategy),
    tap({
      error: (error) => {
        if (last !== undefined && last.error === error) gaveUp(last);
      },
    }),
    switchMap((delay) => {
      const wait$ = defer(() => {
        if (last === undefined) return EMPTY;
        const urgent = isUrgent(last);
        onWait(last, urgent ? 0 : delay);
        return urgent ? of(0) : safeTimer(delay);
      });
      // Subscribe before notifying: the callback may end the wait.
      return merge(now$, wait$).pipe(take(1));
    }),
  );
}
