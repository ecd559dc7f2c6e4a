import { catchError, EMPTY, mergeMap, switchMap, timer } from 'rxjs';
import { connect, type ClientOptions, type MqttClient } from 'rxmqtt';

/** A token, as an identity provider gives it. */
export interface Token {
  readonly value: string;
  /** ms since 1970. */
  readonly expiresAt: number;
}

/** How long before its end a token is renewed, in ms. */
const EARLY = 30_000;
/** The longest delay that timers take, in ms: 24.8 days. */
const LONGEST_DELAY = 2 ** 31 - 1;
/** Bad credentials and not authorised: in MQTT 5, and in 3.1.1. */
const REFUSALS: readonly (number | undefined)[] = [0x86, 0x87, 4, 5];

/** A client that logs in with a token which expires. The token is fetched when it is due, and again when it is refused. */
export function connectWithToken(
  url: string,
  fetchToken: () => Promise<Token>,
  options: ClientOptions = {},
): MqttClient {
  let token: Token | undefined;
  const left = (): number => (token?.expiresAt ?? 0) - EARLY - Date.now();

  const client = connect(url, {
    ...options,
    // Asked before each attempt, the first one included. A token that is still good is used again.
    beforeConnect: async () => {
      if (token === undefined || left() <= 0) token = await fetchToken();
      return { username: 'token', password: token.value };
    },
  });

  client.state$
    .pipe(
      switchMap((state) => {
        // It was revoked, or the clocks differ: the next attempt brings a new one.
        if (state.status === 'reconnecting' && REFUSALS.includes(state.reason.reasonCode)) token = undefined;
        return state.status === 'connected' ? timer(Math.min(Math.max(left(), 0), LONGEST_DELAY)) : EMPTY;
      }),
      // Leaves before the broker hangs up, and comes back at once with a new token.
      mergeMap(() => client.reconnect().pipe(catchError(() => EMPTY))),
    )
    .subscribe();
  return client;
}
