import { catchError, defaultIfEmpty, map, type Observable, of, switchMap, take, throwError } from 'rxjs';
import { withoutCredentials } from '../connection/redirect.js';
import { startAuth, type StartedAuth } from '../connection/start-auth.js';
import { MqttError } from '../errors.js';
import type { ConnectPacket, ProtocolVersion } from '../packet/packets.js';
import { toObservable } from '../rx/to-observable.js';
import type { ConnectTarget } from '../transport/transport.js';
import { parseUrl } from '../transport/broker-url.js';
import { displayUrl } from '../transport/url.js';
import type { ConnectOverrides } from './client-options.js';
import { asMqttError, withServer } from './connect-errors.js';
import { checkOverrides, settingsOfAttempt, toConnectPacket, type ClientSettings } from './client-settings.js';

/** One attempt to connect, fully prepared. */
export interface Attempt {
  /** The URL without secrets, for messages and states. */
  readonly url: string;
  readonly target: ConnectTarget;
  readonly connect: ConnectPacket;
  /** The attempt reads the files of the TLS options again. */
  readonly readsFiles: boolean;
  /** The mechanism whose first data is in `connect`. */
  readonly auth: StartedAuth | undefined;
}

export interface AttemptContext {
  /** Counts from 1 since the last connection. */
  readonly attempt: number;
  /** The server to try. */
  readonly url: string;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
  /** The flag that `reconnect()` asked for. */
  readonly clean?: boolean | undefined;
  /** The URL came from a redirect: the server there gets neither our credentials nor our will. */
  readonly foreign: boolean;
  /** No CONNECT is sent. A mechanism of authentication is not started: it may be at work on another connection. */
  readonly isProbe?: boolean;
}

/** Prepares an attempt and asks `beforeConnect` for changes. Emits once, or errors as `beforeConnect` does. */
export function prepareAttempt(settings: ClientSettings, context: AttemptContext): Observable<Attempt> {
  return overridesOf(settings, context).pipe(
    switchMap((overrides) => {
      const { auth } = settings.options;
      // A URL from the application itself is no redirect.
      const foreign = context.foreign && overrides.url === undefined;
      if (auth === undefined || context.protocolVersion !== 5 || foreign || context.isProbe === true) {
        return of(toAttempt(settings, context, overrides, foreign, undefined));
      }
      return startAuth(auth).pipe(map((started) => toAttempt(settings, context, overrides, foreign, started)));
    }),
  );
}

function overridesOf(settings: ClientSettings, context: AttemptContext): Observable<ConnectOverrides> {
  const { beforeConnect } = settings.options;
  if (beforeConnect === undefined) return of({});
  const url = displayUrl(context.url);
  return toObservable(() => beforeConnect({ attempt: context.attempt, url })).pipe(
    take(1),
    defaultIfEmpty(undefined),
    // An error of the library, such as one of rxmqtt/aws, says by itself what failed.
    catchError((error: unknown) =>
      throwError(() => (error instanceof MqttError ? error : withServer(asMqttError(error, 'beforeConnect'), url))),
    ),
    map((overrides) => checkOverrides(settings, overrides)),
  );
}

function toAttempt(
  ofClient: ClientSettings,
  context: AttemptContext,
  overrides: ConnectOverrides,
  foreign: boolean,
  auth: StartedAuth | undefined,
): Attempt {
  const settings = settingsOfAttempt(ofClient, context.clean, overrides);
  const { options } = settings;
  const { protocolVersion } = context;
  const clientId = overrides.clientId ?? context.clientId;
  const given = overrides.url ?? context.url;
  const url = foreign ? withoutCredentials(given) : given;
  const inUrl = credentialsIn(url);
  const will = 'will' in overrides ? overrides.will : options.will;
  const tls = overrides.tls ?? options.tls;
  const ws = overrides.ws ?? options.ws;
  return {
    url: displayUrl(url),
    target: {
      url,
      tls,
      ws: foreign && ws !== undefined ? { ...ws, headers: {} } : ws,
      socket: options.socket,
      timeouts: options.timeouts,
      proxy: options.proxy,
      subprotocol: protocolVersion === 3 ? 'mqttv3.1' : 'mqtt',
    },
    connect: toConnectPacket(settings, clientId, protocolVersion, {
      username: foreign ? undefined : (overrides.username ?? options.username ?? inUrl.username),
      password: foreign ? undefined : (overrides.password ?? options.password ?? inUrl.password),
      will: foreign ? undefined : will,
      auth,
    }),
    readsFiles: [tls?.caFile, tls?.caPath, tls?.certFile, tls?.keyFile].some((path) => path !== undefined),
    auth,
  };
}

/** The user name and password inside the URL. */
function credentialsIn(url: string): {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
} {
  try {
    return parseUrl(url);
  } catch {
    // A page-relative URL has none, and the transport refuses an invalid one.
    return {};
  }
}
