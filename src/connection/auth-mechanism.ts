import { catchError, defer, map, type Observable, type ObservableInput, take, throwError } from 'rxjs';
import { ErrorCode, MqttError, ProtocolError } from '../errors.js';
import { toObservable } from '../rx/to-observable.js';
import { encodeUtf8 } from '../utf8.js';

/** Authentication data: bytes, a text that goes out as UTF-8, or none. */
export type AuthData = Uint8Array | string | undefined;

/**
 * One way to prove to a broker who we are (enhanced authentication, MQTT 5). One exchange after the other runs through
 * it: one for each connection, and one for each `reauthenticate()`. What it throws or errors with ends the attempt, or
 * the connection, and stands as `cause` in an error with code `AUTH_FAILED`.
 *
 * @example
 * ```ts
 * connect(url, { auth: { method: 'K8S-SAT', start: () => readToken() } });
 * connect(url, { auth: { method: 'PIN', start: () => undefined, next: (challenge$) => challenge$.pipe(map(sign)) } });
 * ```
 */
export interface AuthMechanism {
  /** The authentication method by which the broker knows it. */
  readonly method: string;
  /** ms that a whole exchange may take, from its first byte. Default: the client's `connectTimeout`. */
  readonly timeout?: number;
  /** Begins an exchange: the data that goes out with CONNECT, or with the AUTH that starts a re-authentication. */
  start(): AuthData | ObservableInput<AuthData>;
  /**
   * Answers the broker's challenges: one value for each of them, in order; it may take its time. Called once an
   * exchange. A challenge without data is an empty array. Left out: the broker has nothing to ask.
   */
  next?(challenge$: Observable<Uint8Array>): ObservableInput<AuthData>;
  /**
   * Looks at the data with which the broker says that it is done. Throw, error or give false to reject a broker that
   * did not prove who it is. Left out: every broker is accepted.
   */
  verify?(data: Uint8Array | undefined): unknown;
}

/** A mechanism without memory, or a function that makes one for each exchange. */
export type AuthSource = AuthMechanism | (() => AuthMechanism);

/** An exchange whose first data is known and was not sent yet. */
export interface StartedAuth {
  readonly mechanism: AuthMechanism;
  readonly data: Uint8Array | undefined;
}

/** Begins an exchange. Emits once; errors with what the mechanism fails with, wrapped. */
export function startAuth(source: AuthSource): Observable<StartedAuth> {
  return defer(() => {
    const mechanism = typeof source === 'function' ? source() : source;
    return toObservable(() => mechanism.start()).pipe(
      take(1),
      map((data) => ({ mechanism, data: toAuthBytes(data) })),
      catchError((error: unknown) => throwError(() => authFailed(mechanism.method, error))),
    );
  });
}

export function toAuthBytes(data: AuthData): Uint8Array | undefined {
  return typeof data === 'string' ? encodeUtf8(data) : data;
}

/** The mechanism gave up, or rejects the broker: reason code 0x83 is one that a client may say [MQTT-3.14.2-1]. */
export function authFailed(method: string, cause: unknown): ProtocolError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ProtocolError(`authentication by ${method} failed: ${why}`, {
    code: ErrorCode.AUTH_FAILED,
    reasonCode: 0x83,
    cause,
  });
}

/** Asks for what cannot be had: nothing was sent. */
export function cannotAuthenticate(why: string): Observable<never> {
  return throwError(() => new MqttError(`reauthenticate failed: ${why}`, { code: ErrorCode.NOT_SUPPORTED }));
}
