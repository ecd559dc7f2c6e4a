import { EMPTY, expand, filter, map, NEVER, take, timer, type Observable } from 'rxjs';
import { LONGEST_TIMER } from '../../rx/clock.js';

/** Emits once after this many seconds and completes; never emits for `Infinity`. */
export function deadline(seconds: number): Observable<void> {
  if (seconds === Infinity) return NEVER;
  const wait = (left: number): Observable<number> => {
    const step = Math.min(left, LONGEST_TIMER);
    return timer(step).pipe(map(() => left - step));
  };
  return wait(seconds * 1000).pipe(
    expand((left) => (left > 0 ? wait(left) : EMPTY)),
    filter((left) => left <= 0),
    take(1),
    map(() => undefined),
  );
}
