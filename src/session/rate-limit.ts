import { concat, defer, exhaustMap, ignoreElements, type Observable, takeWhile, tap } from 'rxjs';
import { safeInterval } from '../rx/safe-interval.js';
import { safeTimer } from '../rx/safe-timer.js';
import type { Sender } from './sender.js';

/**
 * Sends at most `rate` messages a second from the outbox. Messages that find the outbox empty are not slowed down.
 * Never emits, never completes.
 */
export function rateLimit(sender: Sender, rate: number): Observable<never> {
  // Timers fire at most once per ms: at higher rates several messages go out together.
  const period = Math.max(1, 1000 / rate);
  const each = Math.max(1, rate / 1000);
  let credit = 0;
  const waiting$ = concat(
    defer(() => (sender.outbox.size > 0 ? [undefined] : [])),
    sender.queued$,
  );
  const sending$ = concat(safeTimer(0), safeInterval(period)).pipe(
    takeWhile(() => sender.outbox.size > 0),
    tap(() => {
      for (credit += each; credit >= 1; credit--) sender.sendRateLimited();
    }),
  );
  return waiting$.pipe(
    exhaustMap(() => sending$),
    ignoreElements(),
  );
}
