import {
  defer,
  filter,
  ignoreElements,
  map,
  merge,
  type MonoTypeOperatorFunction,
  type Observable,
  retryWhen,
  share,
  Subject,
  switchMap,
  take,
  takeUntil,
  tap,
} from 'rxjs';
import type { MqttError } from '../errors.js';
import { safeTimer } from '../rx/safe-timer.js';
import { backoffDelays, type BackoffOptions } from './backoff.js';
import type { ConnectionFailure } from './failure.js';

/**
 * The whole stream of failures in, one value for each further attempt out. An error of it, or its completion, ends the
 * client.
 */
export type ReconnectStrategy = (failures$: Observable<ConnectionFailure>) => Observable<unknown>;

export interface ReconnectOptions {
  /** `false` gives up at the first failure. */
  readonly strategy: false | BackoffOptions | ReconnectStrategy;
  /** Whether retrying cannot mend this. */
  readonly isFatal: (error: MqttError) => boolean;
  /** Told at each failure that is retried; the delay is undefined where a function of the application decides. */
  readonly onWait: (failure: ConnectionFailure, delay: number | undefined) => void;
  /** Ends the waiting at once. */
  readonly now$: Observable<unknown>;
}

/**
 * Subscribes anew to a source that failed with a `ConnectionFailure`, when the strategy says so. What ends it for good
 * is the error of the last failure.
 *
 * The one place that uses `retryWhen`: unlike `retry({ delay })`, it takes the whole stream of failures, which is what
 * lets an application hand in a pipeline of its own.
 */
export function reconnect<T>(options: ReconnectOptions): MonoTypeOperatorFunction<T> {
  return retryWhen<T>((errors$: Observable<ConnectionFailure>) => {
    let waiting = false;
    const failures$ = errors$.pipe(
      map((failure) => {
        waiting = true;
        if (options.strategy === false || options.isFatal(failure.error)) throw failure.error;
        return failure;
      }),
    );
    return attempts(failures$, options).pipe(
      // A strategy may emit when nothing failed; that must not open a second connection beside the first.
      filter(() => waiting),
      tap(() => {
        waiting = false;
      }),
    );
  });
}

function attempts(failures$: Observable<ConnectionFailure>, options: ReconnectOptions): Observable<unknown> {
  const { strategy, now$, onWait } = options;
  if (typeof strategy === 'function') {
    const told$ = failures$.pipe(
      tap((failure) => onWait(failure, undefined)),
      share(),
    );
    const over = new Subject<void>();
    // The failures are listened to here as well: the strategy may not care for them.
    const others$ = merge(now$, told$.pipe(ignoreElements())).pipe(takeUntil(over));
    return merge(others$, strategy(told$).pipe(tap({ complete: () => over.next() })));
  }
  let last: ConnectionFailure | undefined;
  return failures$.pipe(
    tap((failure) => {
      last = failure;
    }),
    backoffDelays(strategy === false ? {} : strategy),
    switchMap((delay) => {
      const wait$ = defer(() => {
        if (last !== undefined) onWait(last, delay);
        return safeTimer(delay);
      });
      // Listens before anybody is told, so that whoever is told may end the waiting.
      return merge(now$, wait$).pipe(take(1));
    }),
  );
}
