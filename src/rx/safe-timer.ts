import { type Observable, timer } from 'rxjs';

/** The longest delay that platforms support, in ms (24 days); a longer one would fire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Emits once after `ms`; `Infinity` is allowed. */
export function safeTimer(ms: number): Observable<unknown> {
  return timer(Math.min(ms, LONGEST_TIMER));
}
