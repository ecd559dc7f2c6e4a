import { concat, ignoreElements, map, Observable, of, takeUntil, timer } from 'rxjs';
import type { LatencySummary } from '../session/latency-probe.js';
import type { ClientSession } from './client-session.js';
import type { ConnectionManager } from './connection-manager.js';

/** Counts and sizes of a client at one moment. Counters run from the making of the client. */
export interface ClientStats {
  /** What waits to be sent. Bytes are payloads and topics. */
  readonly outbox: { readonly messages: number; readonly bytes: number };
  /** What was sent at QoS 1 and 2 and is not acknowledged. */
  readonly inFlight: { readonly messages: number; readonly bytes: number };
  /** How many exchanges may be open on this connection, and how many are; undefined without a connection. */
  readonly window: { readonly used: number; readonly size: number } | undefined;
  /** Messages that came in and whose acknowledgement is held back. */
  readonly held: number;
  /** Bytes that were given to and taken from sockets, framing of WebSocket and TLS not counted. */
  readonly bytes: { readonly in: number; readonly out: number };
  readonly packets: { readonly in: number; readonly out: number };
  /** Messages that did not get through, by cause. */
  readonly dropped: {
    /** For want of room in the outbox. */
    readonly queueFull: number;
    /** Their message expiry interval ran out while they waited. */
    readonly expired: number;
    /** Nobody here subscribed to them. */
    readonly unrouted: number;
    /** Set aside because the broker ended the connection over them. */
    readonly poisoned: number;
  };
  /** Acknowledgements that belonged to nothing. */
  readonly strayAcknowledgements: number;
  /** Connections after the first. */
  readonly reconnects: number;
  /**
   * ms from PUBLISH to its last acknowledgement, of one message at a time; undefined until one was measured. Measured
   * only while `stats$` is observed.
   */
  readonly ackLatency: LatencySummary | undefined;
}

/** ms between two pictures of `stats$`. */
const PERIOD = 1000;

/** Puts the picture together; nothing but counters is kept between two of them. */
export function clientStats(session: ClientSession, manager: ConnectionManager): ClientStats {
  const { sender, tap, acks, unroutedCount } = session;
  const { outbox, inFlight } = sender;
  const { traffic } = tap;
  let bytes = 0;
  for (const message of inFlight) bytes += message.bytes;
  return {
    outbox: { messages: outbox.size, bytes: outbox.bytes },
    inFlight: { messages: inFlight.size, bytes },
    window: manager.link && { used: inFlight.windowUsed, size: manager.link.limits.receiveMaximum },
    held: acks?.size ?? 0,
    bytes: { in: traffic.bytesIn, out: traffic.bytesOut },
    packets: { in: traffic.packetsIn, out: traffic.packetsOut },
    dropped: { queueFull: outbox.dropped, expired: sender.expired, unrouted: unroutedCount, poisoned: sender.poisoned },
    strayAcknowledgements: sender.strays,
    reconnects: manager.reconnects,
    ackLatency: sender.latency.summary,
  };
}

/** A picture at once and then each second, until the client has ended. Latency is measured while somebody looks. */
export function clientStats$(session: ClientSession, manager: ConnectionManager): Observable<ClientStats> {
  return new Observable<ClientStats>((subscriber) => {
    const { latency } = session.sender;
    latency.watchers++;
    subscriber.add(() => latency.watchers--);
    const over$ = concat(manager.state.value$.pipe(ignoreElements()), of(undefined));
    const stats$ = timer(0, PERIOD).pipe(
      takeUntil(over$),
      map(() => clientStats(session, manager)),
    );
    subscriber.add(stats$.subscribe(subscriber));
  });
}
