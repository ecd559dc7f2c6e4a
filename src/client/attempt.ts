import { defer, from, isObservable, map, type Observable, type ObservableInput, of, take } from 'rxjs';
import type { ConnectPacket, ProtocolVersion } from '../packet/packets.js';
import type { ConnectTarget } from '../transport/transport.js';
import { displayUrl, parseUrl } from '../transport/url.js';
import type { ConnectOverrides } from './client-options.js';
import { toConnectPacket, type ClientSettings } from './client-settings.js';

/** One attempt to connect, all questions answered. */
export interface Attempt {
  /** The URL as messages and states may show it. */
  readonly url: string;
  readonly target: ConnectTarget;
  readonly connect: ConnectPacket;
}

export interface AttemptContext {
  /** Counts from 1 since the last connection. */
  readonly attempt: number;
  /** The server whose turn it is. */
  readonly url: string;
  readonly clientId: string;
  readonly protocolVersion: ProtocolVersion;
}

/** Puts an attempt together; asks `beforeConnect` for what may be new. Emits once, or errors as `beforeConnect` does. */
export function prepareAttempt(settings: ClientSettings, context: AttemptContext): Observable<Attempt> {
  const { beforeConnect } = settings.options;
  if (beforeConnect === undefined) return defer(() => of(toAttempt(settings, context, {})));
  return defer(() => {
    const answer = beforeConnect({ attempt: context.attempt, url: displayUrl(context.url) });
    return isInput(answer) ? from(answer) : of(answer);
  }).pipe(
    take(1),
    map((overrides) => toAttempt(settings, context, overrides ?? {})),
  );
}

function toAttempt(settings: ClientSettings, context: AttemptContext, overrides: ConnectOverrides): Attempt {
  const { options } = settings;
  const { clientId, protocolVersion } = context;
  const url = overrides.url ?? context.url;
  const inUrl = credentialsIn(url);
  const will = 'will' in overrides ? overrides.will : options.will;
  return {
    url: displayUrl(url),
    target: {
      url,
      tls: overrides.tls ?? options.tls,
      ws: overrides.ws ?? options.ws,
      socket: options.socket,
      subprotocol: protocolVersion === 3 ? 'mqttv3.1' : 'mqtt',
    },
    connect: toConnectPacket(settings, clientId, protocolVersion, {
      username: overrides.username ?? options.username ?? inUrl.username,
      password: overrides.password ?? options.password ?? inUrl.password,
      will,
    }),
  };
}

/** User name and password that stand in the URL itself. */
function credentialsIn(url: string): {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
} {
  try {
    return parseUrl(url);
  } catch {
    // A URL relative to a page has none, and one that cannot be used is the transport's to refuse.
    return {};
  }
}

function isInput<T>(answer: T | ObservableInput<T>): answer is ObservableInput<T> {
  return isObservable(answer) || (typeof answer === 'object' && answer !== null && 'then' in answer);
}
