import { map, type Observable, Subscription } from 'rxjs';
import { elapsed } from '../rx/clock.js';
import { safeInterval } from '../rx/safe-interval.js';
import type { Terminal } from './terminal.js';

const SECOND = 1000;

/** Emits once a second how many ms have passed since the last time. */
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

/** Shows a line of progress once a second, where the standard error is a terminal, until it is unsubscribed from. */
export function showProgress(terminal: Terminal, line: (ms: number) => string): Subscription {
  if (!terminal.showsStatus) return new Subscription();
  const showing = everySecond().subscribe((ms) => terminal.status(line(ms)));
  showing.add(() => terminal.status(''));
  return showing;
}
