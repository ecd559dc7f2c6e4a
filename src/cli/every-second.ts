import { map, type Observable, Subscription } from 'rxjs';
import { elapsed } from '../rx/clock.js';
import { safeInterval } from '../rx/safe-interval.js';
import type { Terminal } from './terminal.js';

const SECOND = 1000;

/** Emits every second the ms since the last emission. */
export function everySecond(): Observable<number> {
  let last = elapsed();
  return safeInterval(SECOND).pipe(
    map(() => {
      const before = last;
      last = elapsed();
      return last - before;
    }),
  );
}

/** Shows a line of progress every second until unsubscribed, if the standard error is a terminal. */
export function showProgress(terminal: Terminal, line: (ms: number) => string): Subscription {
  if (!terminal.showsStatus) return new Subscription();
  const showing = everySecond().subscribe((ms) => terminal.status(line(ms)));
  showing.add(() => terminal.status(''));
  return showing;
}
