import { Observable } from 'rxjs';
import { afterElapsed } from './clock.js';

/** Emits once after so many ms, however many they are, and completes; never after `Infinity`. */
export function safeTimer(ms: number): Observable<unknown> {
  return new Observable<unknown>((subscriber) =>
    afterElapsed(ms, () => {
      subscriber.next(undefined);
      subscriber.complete();
    }),
  );
}
