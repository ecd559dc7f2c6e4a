import { isIP } from 'node:net';
import { filter, Subject, Subscription } from 'rxjs';
import type { AcceptGate } from '../../transport/accept-gate.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import { hostOf } from '../access/host-of.js';
import { Quota } from '../access/quota.js';
import type { BrokerContext } from './broker-context.js';
import { type ConnectionPolicy, policyOf } from './listener-policy.js';
import { serve } from './serve.js';

/** The connections that one broker serves, counted from the moment their socket is accepted. */
export class Connections implements AcceptGate {
  private readonly open = new Set<AcceptedConnection>();
  private readonly ends = new Subject<void>();
  private accepting = true;
  /** Sockets, including those in a TLS or WebSocket handshake. */
  private readonly quota: Quota;

  /** Emits when the last connection has closed. */
  readonly empty$ = this.ends.pipe(filter(() => this.open.size === 0));

  private readonly policy: ConnectionPolicy;

  constructor(private readonly broker: BrokerContext) {
    const { connections, connectionsPerAddress, ownerShare } = broker.limits;
    this.policy = policyOf({}, broker.limits);
    this.quota = new Quota(connections, ownerShare, connectionsPerAddress);
  }

  get size(): number {
    return this.open.size;
  }

  /** A socket takes its place; returns false when there is none, or none for its address. */
  enter(address: string | undefined): boolean {
    const { counters } = this.broker;
    const owner = ownerOf(address);
    counters.connections++;
    if (!this.accepting || !this.quota.hasRoomFor(owner, 1)) {
      counters.refused++;
      return false;
    }
    this.quota.add(owner, 1);
    return true;
  }

  leave(address: string | undefined): void {
    this.quota.add(ownerOf(address), -1);
  }

  /**
   * Serves a client that no listener has accepted, until its connection has closed; unsubscribing destroys it. A
   * connection over the limit is destroyed at once.
   * @param listener - the name that hooks see instead of an address.
   */
  serve(connection: AcceptedConnection, listener: string, policy?: ConnectionPolicy): Subscription {
    const { address } = connection.peer;
    if (!this.enter(address)) {
      connection.destroy();
      return Subscription.EMPTY;
    }
    const served = this.serveAccepted(connection, listener, policy);
    served.add(() => this.leave(address));
    return served;
  }

  /**
   * Serves a client whose socket has its place; see {@link enter}.
   * @param policy - of its listener. Default: the limits of the broker.
   */
  serveAccepted(connection: AcceptedConnection, listener: string, policy = this.policy): Subscription {
    const { broker, open } = this;
    open.add(connection);
    const served = serve(connection, listener, broker, policy);
    served.add(() => {
      open.delete(connection);
      this.ends.next();
    });
    return served;
  }

  /** Accepts no more connections, and destroys those whose CONNECT was not accepted yet. */
  stopAccepting(): void {
    this.accepting = false;
    const served = new Set<unknown>([...this.broker.clients.values()].map(({ writer }) => writer.connection));
    for (const connection of this.open) if (!served.has(connection)) connection.destroy();
  }
}

/** Whose places a socket takes. A Unix socket and a memory transport have a name at most, and take those of all. */
function ownerOf(address: string | undefined): string | undefined {
  const host = hostOf(address);
  return isIP(host) === 0 ? undefined : host;
}
