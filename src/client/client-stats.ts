import type { Traffic } from '../connection/traffic.js';
import type { LatencySummary } from '../session/latency-probe.js';
import type { Sender } from '../session/sender.js';

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

export interface StatsSources {
  readonly sender: Sender;
  readonly traffic: Traffic;
  readonly unrouted: number;
  readonly held: number;
  readonly reconnects: number;
  readonly receiveMaximum: number | undefined;
}

/** Puts the picture together; nothing but counters is kept between two of them. */
export function clientStats(sources: StatsSources): ClientStats {
  const { sender, traffic, unrouted, held, reconnects, receiveMaximum } = sources;
  const { outbox, inFlight } = sender;
  let bytes = 0;
  for (const message of sender.unacknowledged) bytes += message.bytes;
  return {
    outbox: { messages: outbox.size, bytes: outbox.bytes },
    inFlight: { messages: inFlight, bytes },
    window: receiveMaximum === undefined ? undefined : { used: sender.windowUsed, size: receiveMaximum },
    held,
    bytes: { in: traffic.bytesIn, out: traffic.bytesOut },
    packets: { in: traffic.packetsIn, out: traffic.packetsOut },
    dropped: { queueFull: outbox.dropped, expired: sender.expired, unrouted, poisoned: sender.poisoned },
    strayAcknowledgements: sender.strays,
    reconnects,
    ackLatency: sender.latency.summary,
  };
}
