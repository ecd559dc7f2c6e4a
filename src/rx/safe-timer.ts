import { type Observable, timer } from 'rxjs';

/** The longest time in ms that platforms wait for (24 days); a timer set for longer would fire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Emits once after so many ms; `Infinity` is allowed. */
export function safeTimer(ms: number): Observable<unknown> {
  return timer(Math.min(ms, LONGEST_TIMER));
}
