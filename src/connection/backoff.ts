import { map, pipe, switchMap, type OperatorFunction } from 'rxjs';
import { callback, checkOptions, type Checks, numberIn, oneOf } from '../options/check-options.js';
import { safeTimer } from '../rx/safe-timer.js';
import { operate } from '../rx/operate.js';

/** How to randomise delays, so that many clients do not reconnect at the same moment. */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated';

/** How long to wait before each further attempt. */
export interface BackoffOptions {
  /** The delay before the first retry, in ms. Default 1000. */
  readonly minDelay?: number;
  /** The longest delay, in ms. Default 60 000. */
  readonly maxDelay?: number;
  /** The factor by which the delay grows with each failure. Default 2. */
  readonly factor?: number;
  /**
   * How to randomise the delay d: `'none'` waits d; `'full'` between 0 and d; `'equal'` between d / 2 and d;
   * `'decorrelated'` between `minDelay` and three times the previous delay, up to `maxDelay`. Default `'full'`.
   */
  readonly jitter?: Jitter;
  /** How many retries in a row to make before the client gives up with the last error. Default: no limit. */
  readonly maxAttempts?: number;
  /** How long a connection must last for the backoff to start again at `minDelay`, in ms. Default 30 000. */
  readonly stableAfter?: number;
  /** Random numbers in [0, 1). Default `Math.random`; pass a seeded one in tests. */
  readonly random?: () => number;
}

const delay = numberIn(0, Infinity, 'ms');

/** Each option with its check. */
export const BACKOFF_OPTIONS: Checks<BackoffOptions> = {
  minDelay: delay,
  maxDelay: delay,
  factor: numberIn(1, Infinity, 'times'),
  jitter: oneOf('none', 'full', 'equal', 'decorrelated'),
  maxAttempts: numberIn(0, Infinity, 'attempts'),
  stableAfter: delay,
  random: callback,
};

/** How long a connection must last to count as stable, in ms, unless `stableAfter` says otherwise. */
export const STABLE_AFTER = 30_000;

const DEFAULTS = {
  minDelay: 1000,
  maxDelay: 60_000,
  factor: 2,
  jitter: 'full',
  maxAttempts: Infinity,
  stableAfter: STABLE_AFTER,
} as const;

/**
 * Emits one delay in ms per failure. A failure may carry `connectedFor`, the time the connection lasted in ms, and
 * `afterWakeUp`, which starts over. Once `maxAttempts` is exceeded, errors with the failure's own error.
 */
export function backoffDelays(options: BackoffOptions = {}): OperatorFunction<unknown, number> {
  const { minDelay, maxDelay, factor, jitter, maxAttempts, stableAfter } = { ...DEFAULTS, ...options };
  const random = options.random ?? Math.random;
  return operate((subscriber) => {
    let failures = 0;
    let previous = minDelay;
    return (failure) => {
      if (connectedFor(failure) >= stableAfter || isAfterWakeUp(failure)) {
        failures = 0;
        previous = minDelay;
      }
      failures++;
      if (failures > maxAttempts) throw errorOf(failure);
      const grown = Math.min(maxDelay, minDelay * factor ** (failures - 1));
      const tripled = Math.min(maxDelay, previous * 3);
      previous = Math.round(scatter(jitter, grown, minDelay, tripled, random));
      subscriber.next(previous);
    };
  });
}

/**
 * Waits after each failure, then emits the delay: a notifier for `retryWhen`.
 *
 * @throws TypeError for an option that is unknown or cannot be used.
 *
 * @example
 * ```ts
 * request$.pipe(retryWhen(backoff({ minDelay: 200, maxAttempts: 5 })));
 * connect(url, { reconnect: (failures$) => failures$.pipe(tap(log), backoff({ jitter: 'equal' })) });
 * ```
 */
export function backoff(options: BackoffOptions = {}): OperatorFunction<unknown, number> {
  return pipe(
    backoffDelays(checkOptions<BackoffOptions>(options, BACKOFF_OPTIONS, 'backoff')),
    switchMap((delay) => safeTimer(delay).pipe(map(() => delay))),
  );
}

function scatter(jitter: Jitter, grown: number, low: number, tripled: number, random: () => number): number {
  switch (jitter) {
    case 'none':
      return grown;
    case 'full':
      return grown * random();
    case 'equal':
      return grown / 2 + (grown / 2) * random();
    case 'decorrelated':
      return low + Math.max(0, tripled - low) * random();
  }
}

function connectedFor(failure: unknown): number {
  return hasField(failure, 'connectedFor') && typeof failure.connectedFor === 'number' ? failure.connectedFor : 0;
}

function isAfterWakeUp(failure: unknown): boolean {
  return hasField(failure, 'afterWakeUp') && failure.afterWakeUp === true;
}

function errorOf(failure: unknown): unknown {
  return hasField(failure, 'error') ? failure.error : failure;
}

function hasField<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}
