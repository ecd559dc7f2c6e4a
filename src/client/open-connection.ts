import { catchError, EMPTY, type Observable, switchMap, throwError, timeout } from 'rxjs';
import { AliasedLink } from '../connection/aliased-link.js';
import { disconnectWith } from '../connection/disconnect-with.js';
import { handshake, type HandshakeOptions } from '../connection/handshake.js';
import type { Link } from '../connection/link.js';
import type { PacketTap } from '../connection/packet-tap.js';
import { elapsed } from '../rx/clock.js';
import { type Attempt, type AttemptContext, prepareAttempt } from './attempt.js';
import type { ClientSettings } from './client-settings.js';
import { asMqttError, withServer, connectTimedOut } from './connect-errors.js';

export interface OpenConnectionOptions {
  readonly settings: ClientSettings;
  readonly context: AttemptContext;
  /** The deadline for CONNACK, by `elapsed()`. */
  readonly due: number;
  readonly tap: PacketTap;
  readonly skips: HandshakeOptions['skips'];
  /** The attempt is prepared. Returns false if it must not be opened. */
  readonly onPrepared: (attempt: Attempt) => boolean;
  /** The connection ended between CONNECT and CONNACK. */
  readonly onLostHandshake: (url: string, error: unknown) => void;
  /** Runs from CONNACK until the connection is lost; an error ends it. */
  readonly work: (link: Link) => Observable<never>;
}

/**
 * One attempt to connect, and the connection that it makes: prepares the attempt, opens the transport, performs the
 * handshake, and works on the connection. Errors name the server.
 */
export function openConnection(options: OpenConnectionOptions): Observable<never> {
  const { settings, context, due, tap, skips, onPrepared, onLostHandshake, work } = options;
  const { connectTimeout, maximumPacketSize } = settings;
  const { foreignProtocol } = settings.platform;
  const { protocolVersion } = context;
  const aliased = settings.options.topicAlias === 'auto' ? AliasedLink : undefined;
  const inTime = <T>(what: string, stage = Infinity) =>
    timeout<T, Observable<never>>({
      first: Math.min(due - elapsed(), stage),
      with: () => throwError(() => connectTimedOut(what, Math.min(connectTimeout, stage))),
    });

  return prepareAttempt(settings, context).pipe(
    inTime<Attempt>('beforeConnect'),
    switchMap((attempt) => {
      const { url, target, connect, auth } = attempt;
      if (!onPrepared(attempt)) return EMPTY;
      let isConnected = false;
      return settings.transport(target).pipe(
        inTime(`connecting to ${url}`),
        switchMap((connection) =>
          handshake(connection, { url, foreignProtocol, connect, maximumPacketSize, aliased, auth, tap, skips }).pipe(
            inTime(`CONNACK from ${url}`, settings.options.timeouts?.connack),
            switchMap((link) => {
              isConnected = true;
              return work(link);
            }),
            catchError((error: unknown) => {
              if (!isConnected) onLostHandshake(url, error);
              return disconnectWith(connection, protocolVersion, error);
            }),
          ),
        ),
        catchError((error: unknown) => throwError(() => withServer(asMqttError(error), url))),
      );
    }),
  );
}
