import { Observable, type Subscriber, Subscription } from 'rxjs';
import { ConnectError, ErrorCode, type MqttError } from '../errors.js';
import type { PacketDecoder } from '../packet/decoder.js';
import type { Packet } from '../packet/packets.js';
import type { Connection } from '../transport/transport.js';
import type { PacketTap } from './packet-tap.js';

/**
 * The packets of a connection, for one observer at a time: the handshake reads CONNACK and leaves, then the link reads.
 * Synchronous from the chunk to the observer.
 *
 * Without an observer, the rest of the current chunk and the end of the stream wait for the next one. The connection is
 * paused as soon as a packet waits, so at most one chunk is held.
 */
export class PacketStream {
  private readonly reading = new Subscription();
  private observer: Subscriber<Packet> | undefined;
  /** Creates the current observer's error for an orderly close by the peer. */
  private whenClosed: (() => ConnectError) | undefined;
  /** Packets that arrived without an observer. */
  private held: Packet[] = [];
  private paused = false;
  /** Held packets are being delivered: new ones queue behind them. */
  private releasing = false;
  private ended = false;
  /** Why the stream ended; undefined: the peer closed in order. */
  private failure: MqttError | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly decoder: PacketDecoder,
    private readonly tap: PacketTap,
    /** Looks at the first bytes, and tells when they are no MQTT. */
    private readonly inspect: (first: Uint8Array) => MqttError | undefined = () => undefined,
  ) {}

  open(): void {
    const { connection, decoder, tap } = this;
    const receive = (packet: Packet): void => this.receive(packet);
    let isFirst = true;
    this.reading.add(
      connection.incoming$.subscribe({
        next: (chunk) => {
          tap.traffic.bytesIn += chunk.length;
          const foreign = isFirst ? this.inspect(chunk) : undefined;
          isFirst = false;
          if (foreign !== undefined) return this.end(foreign);
          try {
            decoder.decode(chunk, receive);
          } catch (error) {
            this.end(error as MqttError);
          }
          if (this.held.length > 0 && !this.releasing) this.pause();
        },
        error: (error: MqttError) => this.end(error),
        complete: () => this.end(undefined),
      }),
    );
  }

  /** Stops for good: the rest of the current chunk reaches no observer. */
  close(): void {
    this.decoder.stop();
    this.held = [];
    this.reading.unsubscribe();
  }

  /**
   * The packets from here on; never completes. Errors with `ProtocolError` at the first malformed byte, with the
   * connection's error when the line breaks, and with the result of `whenClosed` when the peer closes in order. A
   * second observer at the same time gets an error.
   */
  packets(whenClosed: () => ConnectError): Observable<Packet> {
    return new Observable((subscriber) => {
      if (this.observer !== undefined) {
        const message = 'reading the packets of a connection failed: it already has an observer; share() that one';
        subscriber.error(new ConnectError(message, { code: ErrorCode.INVALID_OPTION }));
        return;
      }
      this.observer = subscriber;
      this.whenClosed = whenClosed;
      subscriber.add(() => (this.observer = undefined));
      this.release();
    });
  }

  private receive(packet: Packet): void {
    const { tap } = this;
    tap.traffic.packetsIn++;
    if (tap.packets.observed) tap.packets.next({ direction: 'in', packet });
    const { observer } = this;
    if (observer === undefined || this.releasing) this.held.push(packet);
    else observer.next(packet);
  }

  private end(failure: MqttError | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.failure = failure;
    this.release();
  }

  private pause(): void {
    if (this.reading.closed) return;
    this.paused = true;
    this.connection.pause();
  }

  /** Delivers the held packets and then the end, if any, for as long as the observer stays. */
  private release(): void {
    // If an observer subscribes inside `next`, the running loop serves it.
    if (this.releasing || this.observer === undefined) return;
    this.releasing = true;
    try {
      // Resume first: the observer may want to pause the connection again.
      if (this.paused) this.connection.resume();
      this.paused = false;
      while (this.observer !== undefined) {
        const packet = this.held.shift();
        if (packet === undefined) break;
        this.observer.next(packet);
      }
    } finally {
      this.releasing = false;
    }
    if (this.held.length > 0) this.pause();
    else if (this.ended) this.observer?.error(this.failure ?? this.whenClosed?.());
  }
}
