import {
  defer,
  distinctUntilChanged,
  endWith,
  ignoreElements,
  map,
  merge,
  skip,
  startWith,
  takeUntil,
  throttle,
} from 'rxjs';
import type { Observable } from 'rxjs';
import { safeInterval } from '../rx/safe-interval.js';
import { safeTimer } from '../rx/safe-timer.js';
import type { BrokerEvents } from './events.js';
import type { SessionInfo } from './session/session-info.js';
import { SessionSnapshots } from './session/session-snapshots.js';
import type { Sessions } from './session/sessions.js';

/** ms between two looks at all sessions. */
const PERIOD = 1000;

/**
 * All sessions by client identifier: now, and whenever a look shows a change, at most once a second. Queues change with
 * each message, so nothing but a look tells. Without an observer nothing is done. Completes when the broker has closed.
 */
export function sessionStream(
  sessions: Sessions,
  { connected, disconnected, subscribed }: BrokerEvents,
): Observable<ReadonlyMap<string, SessionInfo>> {
  return defer(() => {
    const snapshots = new SessionSnapshots();
    const closed$ = connected.pipe(ignoreElements(), endWith(true));
    // The first look is the one of now: it begins the first period.
    const looks$ = merge(connected, disconnected, subscribed, safeInterval(PERIOD)).pipe(
      startWith(undefined),
      throttle(() => safeTimer(PERIOD), { leading: true, trailing: true }),
      skip(1),
      takeUntil(closed$),
    );
    return looks$.pipe(
      startWith(undefined),
      map(() => sessions.snapshot(snapshots)),
      distinctUntilChanged(),
    );
  });
}
