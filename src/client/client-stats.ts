import { concat, ignoreElements, map, Observable, of, takeUntil, timer } from 'rxjs';
import type { LatencySummary } from '../session/latency-probe.js';
import type { ClientSession } from './client-session.js';
import type { ConnectionManager } from './connection-manager.js';

/** A snapshot of a client's counters and sizes. Counters start when the client is made. */
export interface ClientStats {
  /** Messages that wait to be sent. Bytes are topics, payloads and properties. */
  readonly outbox: { readonly messages: number; readonly bytes: number };
  /** QoS 1 and 2 messages that were sent and are not acknowledged yet. */
  readonly inFlight: { readonly messages: number; readonly bytes: number };
  /** The send window of this connection: open exchanges and their maximum; undefined while offline. */
  readonly window: { readonly used: number; readonly size: number } | undefined;
  /** Inbound messages whose acknowledgement is held back. */
  readonly held: number;
  /** Bytes written to and read from sockets, without WebSocket and TLS framing. */
  readonly bytes: { readonly in: number; readonly out: number };
  /** Packets read and written. */
  readonly packets: { readonly in: number; readonly out: number };
  /** Messages that were lost, by cause. */
  readonly dropped: {
    /** The outbox was full. */
    readonly queueFull: number;
    /** The message expiry interval passed while they waited. */
    readonly expired: number;
    /** No observer matched. */
    readonly unrouted: number;
    /** Set aside because the broker ended the connection over them. */
    readonly poisoned: number;
  };
  /** Acknowledgements that matched no message. */
  readonly strayAcknowledgements: number;
  /** Connections after the first. */
  readonly reconnects: number;
  /**
   * ms from PUBLISH to its last acknowledgement, sampled one message at a time; undefined before the first sample.
   * Measured only while `stats$` is observed.
   */
  readonly ackLatency: LatencySummary | undefined;
}

/** ms between two snapshots of `stats$`. */
const PERIOD = 1000;

/** Takes a snapshot of the counters. */
export function clientStats(session: ClientSession, manager: ConnectionManager): ClientStats {
  const { sender, tap, acks, unroutedCount } = session;
  const { outbox, inFlight } = sender;
  const { traffic } = tap;
  return {
    outbox: { messages: outbox.size, bytes: outbox.bytes },
    inFlight: { messages: inFlight.size, bytes: inFlight.bytes },
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

/** A snapshot at once and then every second, until the client ends. Measures latency while it is observed. */
export function clientStats$(session: ClientSession, manager: ConnectionManager): Observable<ClientStats> {
  return new Observable<ClientStats>((subscriber) => {
    const { latency } = session.sender;
    latency.watchers++;
    subscriber.add(() => latency.watchers--);
    const ended$ = concat(manager.state.value$.pipe(ignoreElements()), of(undefined));
    const stats$ = timer(0, PERIOD).pipe(
      takeUntil(ended$),
      map(() => clientStats(session, manager)),
    );
    subscriber.add(stats$.subscribe(subscriber));
  });
}
