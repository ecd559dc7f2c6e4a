import { merge, Observable, tap } from 'rxjs';
import type { ServerTlsOptions } from '../../transport/server-tls-options.js';
import { listen } from '../../transport/listener.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { Connections } from './connections.js';
import { type ListenerPolicy, policyOf } from './listener-policy.js';

/** One address to listen on, and what holds for the clients that connect there. */
export interface ListenerOptions extends ListenerPolicy {
  /** As in {@link BrokerOptions.listeners}. */
  readonly url: string;
  /** Replaces {@link BrokerOptions.tls} for this listener. */
  readonly tls?: ServerTlsOptions;
  /** Replaces {@link BrokerOptions.origins} for this listener. */
  readonly origins?: readonly string[];
}

export interface ListenersOptions {
  readonly listeners?: readonly (string | ListenerOptions)[];
  readonly tls?: ServerTlsOptions;
  readonly origins?: readonly string[];
}

/**
 * Listens, and serves connections until unsubscribed. Emits the bound addresses in the order of the listeners once all
 * are bound; errors when one cannot be.
 *
 * @param limits - of packets, and of the time until a client is connected.
 */
export function listenAt(
  options: ListenersOptions,
  limits: BrokerLimits,
  connections: Connections,
): Observable<readonly string[]> {
  const listeners = (options.listeners ?? []).map((listener): ListenerOptions =>
    typeof listener === 'string' ? { url: listener } : listener,
  );
  return new Observable<readonly string[]>((subscriber) => {
    const addresses = new Map<number, string>();
    const bound = listeners.map(({ url, tls = options.tls, origins = options.origins, ...given }, index) => {
      const policy = policyOf(given, limits);
      // A WebSocket message may hold several packets.
      return listen(url, {
        tls,
        origins,
        maxPayload: 2 * limits.packetSize,
        gate: connections,
        handshakeTimeout: limits.connectTimeout,
      }).pipe(
        tap(({ address }) => addresses.set(index, address)),
        tap(() => {
          if (addresses.size === listeners.length) subscriber.next(listeners.map((_, at) => addresses.get(at) ?? ''));
        }),
        tap(({ address, connections$ }) => {
          subscriber.add(
            connections$.subscribe((connection) => connections.serveAccepted(connection, address, policy)),
          );
        }),
      );
    });
    if (bound.length === 0) subscriber.next([]);
    return merge(...bound).subscribe({ error: (error) => subscriber.error(error) });
  });
}
