import { Observable } from 'rxjs';
import { afterElapsed } from './clock.js';

/** RxJS's `timer`, for any number of ms: emits once and completes; never after `Infinity`. */
export function safeTimer(ms: number): Observable<unknown> {
  return new Observable<unknown>((subscriber) =>
    afterElapsed(ms, () => {
      subscriber.next(undefined);
      subscriber.complete();
    }),
  );
}
