import type { Subscription } from 'rxjs';
import { encodeAck } from '../../packet/encode.js';
import type { ProtocolVersion } from '../../packet/packets.js';
import { WriteBuffer } from '../../packet/write-buffer.js';
import { afterElapsed, elapsed } from '../../rx/clock.js';
import type { AcceptedConnection } from '../../transport/transport.js';

/** How long PUBACK waits for the client's answer to the message before it, in ms. */
const LONGEST_HOLD = 10;

/** A client that is waited for in vain so often in a row is not waited for again: it acknowledges when its work is done. */
const IN_VAIN = 3;

/** Most writers never hold anything, and a writer that does holds a few bytes. */
const BLOCK_SIZE = 1024;

/**
 * PUBACKs behind a message that the client will answer.
 *
 * A client that publishes to a topic of its own gets its message and PUBACK. It answers the message, and the broker has
 * nothing to say to that. It publishes again, and its system holds this back until the answer is acknowledged by TCP
 * (Nagle's algorithm), which our system does after 40 ms (delayed acknowledgement). When PUBACK leaves only after the
 * answer has come, it carries the acknowledgement of TCP with it. MQTT.js does not turn Nagle's algorithm off; a client
 * that does loses one round trip here.
 */
export class HeldAcks {
  private readonly held = new WriteBuffer(BLOCK_SIZE);
  private since = 0;
  private inVain = 0;
  private timer: Subscription | undefined = undefined;

  constructor(
    private readonly connection: AcceptedConnection,
    private readonly version: ProtocolVersion,
  ) {}

  get isEmpty(): boolean {
    return this.held.length === 0;
  }

  get answersLate(): boolean {
    return this.inVain >= IN_VAIN;
  }

  add(packetId: number, reasonCode: number): void {
    if (this.isEmpty) this.since = elapsed();
    encodeAck(this.held, this.version, 'puback', packetId, reasonCode);
    this.timer ??= afterElapsed(LONGEST_HOLD, this.onTimer);
  }

  /** The client has sent something. */
  release(): void {
    if (this.isEmpty) return;
    this.inVain = 0;
    this.write();
  }

  stop(): void {
    this.timer?.unsubscribe();
    this.held.take();
  }

  private write(): void {
    for (const chunk of this.held.take()) this.connection.out.append(chunk);
    this.connection.commit();
  }

  /** One timer for all that is held meanwhile: it is not set anew for each. */
  private readonly onTimer = (): void => {
    this.timer = undefined;
    if (this.isEmpty) return;
    const left = this.since + LONGEST_HOLD - elapsed();
    if (left > 0) this.timer = afterElapsed(left, this.onTimer);
    else {
      this.inVain++;
      this.write();
    }
  };
}
