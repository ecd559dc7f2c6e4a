import { filter, finalize, merge, Observable, Subject, Subscription, tap } from 'rxjs';
import { listen } from '../transport/listener.js';
import type { AcceptedConnection } from '../transport/transport.js';
import type { BrokerCore } from './broker-core.js';
import type { BrokerOptions, ListenerOptions } from './broker-options.js';
import { serveClient } from './serve-client.js';

/** The listeners of one broker, and the connections that they took in. */
export class Listeners {
  private readonly connections = new Set<AcceptedConnection>();
  private readonly ends = new Subject<void>();
  private accepting = true;

  /** Emits the bound addresses once all are; serves until unsubscribed. Errors when one cannot be bound. */
  readonly addresses$: Observable<readonly string[]>;
  /** Emits when the last connection has closed. */
  readonly empty$ = this.ends.pipe(filter(() => this.connections.size === 0));

  constructor(
    options: BrokerOptions,
    private readonly core: BrokerCore,
  ) {
    const listeners = (options.listeners ?? []).map((listener): ListenerOptions =>
      typeof listener === 'string' ? { url: listener } : listener,
    );
    this.addresses$ = new Observable<readonly string[]>((subscriber) => {
      const addresses = new Map<number, string>();
      const bound = listeners.map((listener, index) =>
        listen(listener.url, {
          tls: listener.tls ?? options.tls,
          // A message may hold several packets.
          maxPayload: 2 * core.limits.packetSize,
        }).pipe(
          tap(({ address }) => addresses.set(index, address)),
          tap(() => {
            if (addresses.size === listeners.length) subscriber.next(listeners.map((_, at) => addresses.get(at) ?? ''));
          }),
          tap(({ address, connections$ }) => {
            subscriber.add(connections$.subscribe((connection) => this.serve(connection, address)));
          }),
        ),
      );
      if (bound.length === 0) subscriber.next([]);
      return merge(...bound).subscribe({ error: (error) => subscriber.error(error) });
    });
  }

  get size(): number {
    return this.connections.size;
  }

  /** Takes in no more connections, and closes those that have not got beyond CONNECT. */
  stopAccepting(): void {
    this.accepting = false;
    const served = new Set<unknown>([...this.core.clients.values()].map(({ port }) => port.connection));
    for (const connection of this.connections) if (!served.has(connection)) connection.destroy();
  }

  /** Serves a connection until it ends; unsubscribing cuts it. */
  serve(connection: AcceptedConnection, address: string): Subscription {
    const { core, connections } = this;
    core.counters.connections++;
    if (!this.accepting || connections.size >= core.limits.connections) {
      core.counters.refused++;
      connection.destroy();
      return Subscription.EMPTY;
    }
    connections.add(connection);
    const over = (): void => {
      connections.delete(connection);
      this.ends.next();
    };
    return serveClient(connection, address, core).pipe(finalize(over)).subscribe();
  }
}
