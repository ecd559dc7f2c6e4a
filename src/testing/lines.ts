import { Observable } from 'rxjs';
import { ConnectError } from '../errors.js';
import type { ConnectPacket } from '../packet/packets.js';
import { type MemoryConnection, memoryPair } from '../transport/memory.js';
import type { AcceptedConnection, Connection, Transport } from '../transport/transport.js';
import { displayUrl } from '../transport/url.js';
import type { Backend } from './embedded-broker.js';
import { Relay, type RelayPort } from './relay.js';
import { ClientLine } from './test-line.js';
import { WireLog } from './wire-log.js';

/** The lines between all clients of a test and its broker, by client identifier, and the connections on them. */
export class Lines implements RelayPort {
  private readonly lines = new Map<string, ClientLine>();
  /** The lines that the test has asked for. */
  private readonly asked = new Map<string, ClientLine>();
  private readonly relays = new Set<Relay>();

  constructor(
    private readonly backend: Backend,
    /** How long a packet travels, in ms. */
    private readonly latency: number,
    /** ms since the beginning of the test. */
    private readonly now: () => number,
  ) {}

  /** The line of a client, whether it has connected yet or not. */
  line(clientId: string): ClientLine {
    let line = this.lines.get(clientId);
    if (line === undefined) {
      line = new ClientLine(clientId, new WireLog(this.now), this.latency);
      this.lines.set(clientId, line);
    }
    return line;
  }

  /** The line of a client for the test itself; a client of that name must dial before the test ends. */
  ask(clientId: string): ClientLine {
    const line = this.line(clientId);
    this.asked.set(clientId, line);
    return line;
  }

  /** Prepared faults that never happened, in words. */
  get unused(): readonly string[] {
    const known = [...this.lines].filter(([, { isKnown }]) => isKnown).map(([clientId]) => `"${clientId}"`);
    return [...this.asked].flatMap(([clientId, { isKnown, unused }]) => {
      const line = `line("${clientId}")`;
      if (isKnown) return unused.map((call) => `${line}.${call}: never happened; line.heal() lifts it`);
      return [`${line}: no client of that name has dialled; there are ${known.join(', ') || 'none'}`];
    });
  }

  /** The client identifiers of open connections, except for those of a named client; undefined before CONNECT. */
  get strays(): readonly (string | undefined)[] {
    return [...this.relays].filter(({ isNamed }) => !isNamed).map(({ clientId }) => clientId);
  }

  /** The transport of one client, or of any client that names itself in CONNECT. */
  transport(clientId?: string): Transport {
    return ({ url }) =>
      new Observable<Connection>((subscriber) => {
        const line = clientId === undefined ? undefined : this.line(clientId);
        if (line?.isDown() === true) {
          line.log.refused();
          const failure = `connecting to ${displayUrl(url)} failed: connection refused; the test has made the broker unreachable`;
          subscriber.error(new ConnectError(failure));
          return;
        }
        const [client, near] = memoryPair(displayUrl(url));
        subscriber.add(() => client.destroy());
        this.relays.add(new Relay(near, this, client, line));
        subscriber.next(client);
      });
  }

  /** Relays a connection that was accepted elsewhere to the broker. */
  accept(connection: AcceptedConnection): void {
    this.relays.add(new Relay(connection, this));
  }

  /** Ends all connections. */
  end(): void {
    for (const relay of [...this.relays]) relay.destroy();
    for (const line of this.lines.values()) line.end();
  }

  lineOf({ clientId }: ConnectPacket): ClientLine {
    return this.line(clientId);
  }

  openConnection(relay: Relay): MemoryConnection {
    return this.backend.open(() => relay.cut());
  }

  forgetSession(connect: ConnectPacket): void {
    this.backend.forgetSession(connect);
  }

  closed(relay: Relay): void {
    this.relays.delete(relay);
  }
}
