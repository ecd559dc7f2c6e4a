import { concat, defer, EMPTY, filter, type Observable, tap } from 'rxjs';
import type { ConnectionState } from '../connection/state.js';
import type { MqttError } from '../errors.js';

/** The state of a client that is connected. */
export type ConnectedState = Extract<ConnectionState, { status: 'connected' }>;

/**
 * The `connected` states of a client. When the states end: errors with the reason of the end if there is one, and with
 * `ended()` if this Observable has not emitted; else completes.
 */
export function connectedStates(
  state$: Observable<ConnectionState>,
  ended: () => MqttError,
): Observable<ConnectedState> {
  return defer(() => {
    let last: ConnectionState | undefined;
    let isFirst = true;
    const connected$ = state$.pipe(
      tap((state) => (last = state)),
      filter((state): state is ConnectedState => state.status === 'connected'),
      tap(() => (isFirst = false)),
    );
    const end$ = defer(() => {
      if (last?.status === 'ended' && last.reason !== undefined) throw last.reason;
      if (isFirst) throw ended();
      return EMPTY;
    });
    return concat(connected$, end$);
  });
}
