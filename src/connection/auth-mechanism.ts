import type { Observable, ObservableInput } from 'rxjs';

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
