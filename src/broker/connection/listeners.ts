import { merge, Observable, tap } from 'rxjs';
import type { ServerTlsOptions } from '../../transport/server-tls-options.js';
import { listen } from '../../transport/listener.js';
import type { Connections } from './connections.js';

/** One address to listen on. */
export interface ListenerOptions {
  /** As in {@link BrokerOptions.listeners}. */
  readonly url: string;
  /** Replaces {@link BrokerOptions.tls} for this listener. */
  readonly tls?: ServerTlsOptions;
}

export interface ListenersOptions {
  readonly listeners?: readonly (string | ListenerOptions)[];
  readonly tls?: ServerTlsOptions;
}

/**
 * Listens, and serves connections until unsubscribed. Emits the bound addresses in the order of the listeners once all
 * are bound; errors when one cannot be.
 *
 * @param packetSize - bytes of the largest packet that a client may send.
 */
export function listenAt(
  options: ListenersOptions,
  packetSize: number,
  connections: Connections,
): Observable<readonly string[]> {
  const listeners = (options.listeners ?? []).map((listener): ListenerOptions =>
    typeof listener === 'string' ? { url: listener } : listener,
  );
  return new Observable<readonly string[]>((subscriber) => {
    const addresses = new Map<number, string>();
    const bound = listeners.map(({ url, tls = options.tls }, index) =>
      // A WebSocket message may hold several packets.
      listen(url, { tls, maxPayload: 2 * packetSize }).pipe(
        tap(({ address }) => addresses.set(index, address)),
        tap(() => {
          if (addresses.size === listeners.length) subscriber.next(listeners.map((_, at) => addresses.get(at) ?? ''));
        }),
        tap(({ address, connections$ }) => {
          subscriber.add(connections$.subscribe((connection) => connections.serve(connection, address)));
        }),
      ),
    );
    if (bound.length === 0) subscriber.next([]);
    return merge(...bound).subscribe({ error: (error) => subscriber.error(error) });
  });
}
