import type { Observable, ObservableInput } from 'rxjs';

/** Authentication data: bytes, a string that is sent as UTF-8, or none. */
export type AuthData = Uint8Array | string | undefined;

/**
 * A method of enhanced authentication (MQTT 5). It runs one exchange per connection and per `reauthenticate()`. If it
 * throws or errors, the attempt or the connection ends with an `AUTH_FAILED` error that has the original as `cause`.
 *
 * @example
 * ```ts
 * connect(url, { auth: { method: 'K8S-SAT', start: () => readToken() } });
 * connect(url, { auth: { method: 'PIN', start: () => undefined, next: (challenge$) => challenge$.pipe(map(sign)) } });
 * ```
 */
export interface AuthMechanism {
  /** The name of the authentication method, as the broker expects it. */
  readonly method: string;
  /** The time limit for a whole exchange, in ms. Default: the client's `connectTimeout`. */
  readonly timeout?: number;
  /** Starts an exchange: returns the data for CONNECT, or for the AUTH that starts a re-authentication. */
  start(): AuthData | ObservableInput<AuthData>;
  /**
   * Answers the broker's challenges: one value each, in order, at any time. Called once per exchange. A challenge
   * without data is an empty array. Omit it for methods without challenges.
   */
  next?(challenge$: Observable<Uint8Array>): ObservableInput<AuthData>;
  /**
   * Checks the data that the broker sends on success. Throw, error or return false to reject a broker that did not
   * prove its identity. If omitted, every broker is accepted.
   */
  verify?(data: Uint8Array | undefined): unknown;
}

/** A stateless mechanism, or a function that creates one per exchange. */
export type AuthSource = AuthMechanism | (() => AuthMechanism);
