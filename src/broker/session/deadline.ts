import { EMPTY, expand, filter, map, NEVER, take, timer, type Observable } from 'rxjs';

/** Node's timers hold no more than this. */
const LONGEST = 2 ** 31 - 1;

/** Emits once after so many seconds, however many, and completes; never for `Infinity`. */
export function deadline(seconds: number): Observable<void> {
  if (seconds === Infinity) return NEVER;
  const wait = (left: number): Observable<number> => {
    const step = Math.min(left, LONGEST);
    return timer(step).pipe(map(() => left - step));
  };
  return wait(seconds * 1000).pipe(
    expand((left) => (left > 0 ? wait(left) : EMPTY)),
    filter((left) => left <= 0),
    take(1),
    map(() => undefined),
  );
}
