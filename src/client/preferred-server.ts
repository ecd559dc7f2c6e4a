import {
  asapScheduler,
  catchError,
  defer,
  filter,
  map,
  merge,
  type Observable,
  observeOn,
  of,
  repeat,
  switchMap,
  take,
  timeout,
} from 'rxjs';
import { safeTimer } from '../rx/safe-timer.js';
import { type AttemptContext, prepareAttempt } from './attempt.js';
import type { ClientSettings } from './client-settings.js';

/** Each failed return doubles the time until the next one, at most this often. */
const MOST_DOUBLINGS = 6;

/** How long to wait for outstanding acknowledgements before moving to another server, in ms. */
const LEAVE_TIMEOUT = 5000;

/**
 * Emits once, at the end of a tick, when the client may move to its preferred server: that can be reached, and `idle$` has
 * emitted or the time for it has passed.
 */
export function mayReturn(
  settings: ClientSettings,
  preferred: AttemptContext,
  returnAfter: number,
  failedReturns: number,
  idle$: Observable<unknown>,
): Observable<unknown> {
  return preferredServerUp(settings, preferred, returnAfter, failedReturns).pipe(
    switchMap(() => merge(idle$, safeTimer(LEAVE_TIMEOUT)).pipe(take(1))),
    observeOn(asapScheduler),
  );
}

/**
 * Emits once the preferred server accepts a connection, which is closed at once: the client leaves its broker only for
 * one that it can reach. Tries every `returnAfter` ms, forever.
 *
 * @param failedReturns - how often the client moved there and failed to connect.
 */
function preferredServerUp(
  settings: ClientSettings,
  preferred: AttemptContext,
  returnAfter: number,
  failedReturns: number,
): Observable<unknown> {
  const { reconnect, transport, connectTimeout } = settings;
  const { jitter = 'full', random = Math.random } = typeof reconnect === 'object' ? reconnect : {};
  const after = returnAfter * 2 ** Math.min(failedReturns, MOST_DOUBLINGS);
  const wait$ = defer(() => safeTimer(jitter === 'none' ? after : after * (1 + random() / 2)));
  const isUp$ = defer(() => prepareAttempt(settings, preferred)).pipe(
    switchMap(({ target }) => transport(target)),
    map(() => true),
    timeout({ first: connectTimeout }),
    take(1),
    catchError(() => of(false)),
  );
  return wait$.pipe(
    switchMap(() => isUp$),
    repeat(),
    filter(Boolean),
    take(1),
  );
}
