import { encodeAck } from '../../packet/encode.js';
import type { AckCommand, ProtocolVersion } from '../../packet/packets.js';
import { WriteBuffer } from '../../packet/write-buffer.js';
import { elapsed } from '../../rx/clock.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { Flushing } from '../../transport/writes.js';

/** ms after which an answer is late, and nothing is held back for it any more. */
const LATE = 10;

/**
 * After so many late answers in a row, acknowledgements are no longer held: the client answers when its work is done.
 */
const MOST_LATE = 3;

/** Most writers never hold anything, and a writer that does holds a few bytes. */
const BLOCK_SIZE = 1024;

/**
 * Acknowledgements behind a message, or a PUBREL, that the client will answer.
 *
 * A client that publishes to a topic of its own gets its message and PUBACK. It answers the message, and the broker has
 * nothing to say to that. It publishes again, and its system holds this back until the answer is acknowledged by TCP
 * (Nagle's algorithm), which our system does after 40 ms (delayed acknowledgement). So PUBACK leaves in a write of its
 * own behind the message, and our system holds it back in the same way: it leaves with the acknowledgement of TCP as
 * soon as the answer has come. At QoS 2 PUBREC and PUBCOMP do the same, and each packet of one exchange acknowledges
 * one of the other. MQTT.js does not turn Nagle's algorithm off; a client that does loses a round trip between the
 * systems here.
 */
export class HeldAcks implements Flushing {
  private readonly held = new WriteBuffer(BLOCK_SIZE);
  private since = 0;
  private late = 0;
  private isAwaiting = false;
  private isDelaying = false;

  constructor(
    private readonly connection: AcceptedConnection,
    private readonly version: ProtocolVersion,
  ) {}

  get isEmpty(): boolean {
    return this.held.length === 0;
  }

  get answersLate(): boolean {
    return this.late >= MOST_LATE;
  }

  add(cmd: AckCommand, packetId: number, reasonCode: number): void {
    // Behind the write in which the message leaves.
    if (this.isEmpty) this.connection.scheduleFlush?.(this);
    encodeAck(this.held, this.version, cmd, packetId, reasonCode);
  }

  flushCommitted(): void {
    if (this.isEmpty) return;
    for (const chunk of this.held.take()) this.connection.out.append(chunk);
    if (!this.isDelaying) this.connection.delay?.(true);
    this.isDelaying = true;
    this.isAwaiting = true;
    this.since = elapsed();
    this.connection.commit();
  }

  /** The client has sent something. */
  heard(): void {
    if (!this.isAwaiting) return;
    this.isAwaiting = false;
    this.late = this.isLate ? this.late + 1 : 0;
  }

  /** Turns Nagle's algorithm off again: held bytes leave at once, and later ones do not wait. */
  hurry(): void {
    if (!this.isDelaying) return;
    this.isDelaying = false;
    this.connection.delay?.(false);
  }

  /** An acknowledgement leaves that is not held: its exchange may go on with the one that was. */
  goOn(): void {
    if (this.isDelaying && this.isLate) this.hurry();
  }

  /** Everything held leaves with the next write. */
  release(): void {
    for (const chunk of this.held.take()) this.connection.out.append(chunk);
    this.hurry();
  }

  private get isLate(): boolean {
    return elapsed() - this.since > LATE;
  }
}
