import { expand, interval, type Observable } from 'rxjs';
import { LONGEST_TIMER } from './clock.js';
import { safeTimer } from './safe-timer.js';

/** RxJS's `interval`, for any number of ms. */
export function safeInterval(ms: number): Observable<unknown> {
  return ms > LONGEST_TIMER ? safeTimer(ms).pipe(expand(() => safeTimer(ms))) : interval(ms);
}
