import {
  asapScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  map,
  merge,
  type Observable,
  observeOn,
  repeat,
  switchMap,
  take,
  timeout,
} from 'rxjs';
import type { ServerSelector } from '../connection/server-selector.js';
import { safeTimer } from '../rx/safe-timer.js';
import { prepareAttempt } from './attempt.js';
import type { ClientSettings } from './client-settings.js';

/** Each failed return doubles the time until the next one, at most this often. */
const MOST_DOUBLINGS = 6;

/** How long to wait for outstanding acknowledgements before moving to another server, in ms. */
const LEAVE_TIMEOUT = 5000;

/** A client that may go back to a better server. */
export interface ReturnOptions {
  readonly settings: ClientSettings;
  readonly servers: ServerSelector;
  readonly clientId: string;
  /** The option `returnAfter`, in ms. */
  readonly returnAfter: number;
  /** Emits once no publish is under way. */
  readonly idle$: Observable<unknown>;
}

/** How long to stay with a server that is not the preferred one, in ms. */
export function stayFor(returnAfter: number, failedReturns: number): number {
  return returnAfter * 2 ** Math.min(failedReturns, MOST_DOUBLINGS);
}

/**
 * Emits a server once, at the end of a tick, when the client may move to it: that is up, and `idle$` has emitted or the
 * time for it has passed.
 */
export function mayReturn(options: ReturnOptions): Observable<string> {
  return betterServerUp(options).pipe(
    switchMap((url) =>
      merge(options.idle$, safeTimer(LEAVE_TIMEOUT)).pipe(
        take(1),
        map(() => url),
      ),
    ),
    observeOn(asapScheduler),
  );
}

/**
 * Emits a better server once it accepts a connection, which is closed at once: the client leaves its broker only for
 * one that it can reach. Tries every `returnAfter` ms, forever.
 */
function betterServerUp({ settings, servers, clientId, returnAfter }: ReturnOptions): Observable<string> {
  const { reconnect, transport, connectTimeout } = settings;
  const { jitter = 'full', random = Math.random } = typeof reconnect === 'object' ? reconnect : {};
  const after = stayFor(returnAfter, servers.failedReturns);
  const wait$ = defer(() => safeTimer(jitter === 'none' ? after : after * (1 + random() / 2)));
  const { protocolVersion } = servers;
  const context = { attempt: 1, protocolVersion, clientId, foreign: false, isProbe: true };
  const isUp = (url: string): Observable<string> =>
    defer(() => prepareAttempt(settings, { ...context, url })).pipe(
      switchMap(({ target }) => transport(target)),
      map(() => url),
      timeout({ first: connectTimeout }),
      take(1),
      catchError(() => EMPTY),
    );
  return wait$.pipe(
    switchMap(() => servers.better()),
    switchMap((urls) => concat(...urls.map(isUp))),
    take(1),
    // Without a server, the source completes and the wait begins anew.
    repeat(),
    take(1),
  );
}
