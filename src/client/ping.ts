import { concat, defer, ignoreElements, map, merge, Observable, take, takeWhile, throwError } from 'rxjs';
import { ConnectError } from '../errors.js';
import { elapsed } from '../rx/clock.js';
import type { ClientSession } from './client-session.js';
import type { ConnectionManager } from './connection-manager.js';

/**
 * Sends PINGREQ and emits the ms until PINGRESP. Errors with `ConnectError` when offline or when the connection is
 * lost.
 */
export function ping(session: ClientSession, manager: ConnectionManager): Observable<number> {
  return new Observable<number>((subscriber) => {
    const { link } = manager;
    if (link === undefined) {
      subscriber.error(new ConnectError('ping failed: the client is not connected; wait for state "connected"'));
      return;
    }
    const sent = elapsed();
    const connected$ = manager.state.value$.pipe(
      takeWhile(({ status }) => status === 'connected'),
      ignoreElements(),
    );
    const lost$ = defer(() => throwError(() => new ConnectError('ping failed: the connection was lost')));
    const answer$ = session.pongs.pipe(map(() => elapsed() - sent));
    subscriber.add(merge(answer$, concat(connected$, lost$)).pipe(take(1)).subscribe(subscriber));
    link.send({ cmd: 'pingreq' });
  });
}
