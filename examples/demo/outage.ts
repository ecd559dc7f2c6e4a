import { concat, finalize, ignoreElements, type Observable, tap, timer } from 'rxjs';
import type { Cable } from './cable.js';

export interface OutageOptions {
  /** How long the demo takes, in s. */
  readonly seconds: number;
  /** Called before the cut with its length in ms, and before the cable is mended. */
  readonly onCut: (ms: number) => void;
  readonly onMend: () => void;
}

/** When the cable is cut, and for how long, in parts of the whole time. */
const CUT_AT = 0.3;
const CUT_FOR = 0.3;
/** ms */
const LONGEST = 3000;

/** Cuts the cable once, and mends it; at once when it is unsubscribed from. Emits nothing, and completes. */
export function outage(cable: Cable, { seconds, onCut, onMend }: OutageOptions): Observable<never> {
  const length = Math.min(LONGEST, seconds * 1000 * CUT_FOR);
  return concat(
    timer(seconds * 1000 * CUT_AT).pipe(
      tap(() => {
        onCut(length);
        cable.cut();
      }),
    ),
    timer(length).pipe(tap(onMend)),
  ).pipe(
    ignoreElements(),
    finalize(() => cable.mend()),
  );
}
