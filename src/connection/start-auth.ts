import { catchError, defer, map, type Observable, take, throwError } from 'rxjs';
import { toObservable } from '../rx/to-observable.js';
import { authFailed, AuthExchange, type AuthPort, toAuthBytes } from './auth-exchange.js';
import type { AuthMechanism, AuthSource } from './auth-mechanism.js';

/** An exchange whose first data is ready but not sent yet. */
export interface StartedAuth {
  readonly mechanism: AuthMechanism;
  readonly data: Uint8Array | undefined;
  /** Continues with the broker's first challenge. */
  exchange(port: AuthPort): AuthExchange;
}

/** Starts an exchange. Emits once; errors with the mechanism's error, wrapped. */
export function startAuth(source: AuthSource): Observable<StartedAuth> {
  return defer(() => {
    const mechanism = typeof source === 'function' ? source() : source;
    return toObservable(() => mechanism.start()).pipe(
      take(1),
      map((data) => ({
        mechanism,
        data: toAuthBytes(data),
        exchange: (port: AuthPort) => new AuthExchange(mechanism, port),
      })),
      catchError((error: unknown) => throwError(() => authFailed(mechanism.method, error))),
    );
  });
}
