import { defer, type Observable, takeWhile } from 'rxjs';
import { elapsed } from '../../rx/clock.js';
import { safeInterval } from '../../rx/safe-interval.js';

/** ms between two looks for messages that have not come, and how long nothing may come. */
const LOOK = 50;
const PATIENCE = 5000;

/** Completes when no message is missing, or when nothing has come for a while. */
export function arrived(missing: () => number): Observable<unknown> {
  return defer(() => {
    let before = Infinity;
    let since = elapsed();
    return safeInterval(LOOK).pipe(
      takeWhile(() => {
        const left = missing();
        if (left < before) since = elapsed();
        before = left;
        return left > 0 && elapsed() - since < PATIENCE;
      }),
    );
  });
}
