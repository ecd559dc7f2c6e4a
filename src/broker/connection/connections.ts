import { filter, Subject, Subscription } from 'rxjs';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { BrokerContext } from './broker-context.js';
import { serve } from './serve.js';

/** The connections that one broker serves. */
export class Connections {
  private readonly open = new Set<AcceptedConnection>();
  private readonly ends = new Subject<void>();
  private accepting = true;

  /** Emits when the last connection has closed. */
  readonly empty$ = this.ends.pipe(filter(() => this.open.size === 0));

  constructor(private readonly broker: BrokerContext) {}

  get size(): number {
    return this.open.size;
  }

  /**
   * Serves a client until its connection has closed; unsubscribing destroys it. Connections over the limit are
   * destroyed at once.
   * @param listener - the address that accepted it.
   */
  serve(connection: AcceptedConnection, listener: string): Subscription {
    const { broker, open } = this;
    broker.counters.connections++;
    if (!this.accepting || open.size >= broker.limits.connections) {
      broker.counters.refused++;
      connection.destroy();
      return Subscription.EMPTY;
    }
    open.add(connection);
    const served = serve(connection, listener, broker);
    served.add(() => {
      open.delete(connection);
      this.ends.next();
    });
    return served;
  }

  /** Accepts no more connections, and closes those that are not connected yet. */
  stopAccepting(): void {
    this.accepting = false;
    const served = new Set<unknown>([...this.broker.clients.values()].map(({ writer }) => writer.connection));
    for (const connection of this.open) if (!served.has(connection)) connection.destroy();
  }
}
