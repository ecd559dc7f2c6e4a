import { type Observable, timer } from 'rxjs';
import { LONGEST_TIMER } from './clock.js';

/** Emits once after `ms`; `Infinity` is allowed. */
export function safeTimer(ms: number): Observable<unknown> {
  return timer(Math.min(ms, LONGEST_TIMER));
}
