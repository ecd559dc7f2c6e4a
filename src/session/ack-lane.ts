import type { AckCommand } from '../packet/packets.js';
import { PublishPacket, type Acknowledger } from '../packet/publish-packet.js';
import { Fifo } from './fifo.js';

/** Writes acknowledgements on the live connection. */
export interface AckPort {
  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void;
}

/** One message whose acknowledgement waits: for its holders, or for those before it. */
class Ticket implements Acknowledger {
  holders = 0;
  /** The first that is not 0 of those that its holders gave. */
  reasonCode = 0;

  constructor(
    private readonly lane: AckLane,
    readonly qos: 1 | 2,
    readonly packetId: number,
  ) {}

  acknowledge(_message: PublishPacket, reasonCode = 0): void {
    if (this.reasonCode === 0) this.reasonCode = reasonCode;
    this.holders--;
    if (this.holders === 0) this.lane.release();
  }
}

/**
 * The acknowledgements that are owed on one connection. They leave in the order in which the messages arrived
 * [MQTT-4.6.0-2] [MQTT-4.6.0-3]; a message that nobody holds is acknowledged as soon as it was delivered.
 */
export class AckLane {
  private readonly waiting = new Fifo<Ticket>();
  /** Of the message that is being delivered, once somebody holds it. */
  private current: Ticket | undefined;
  private delivering: PublishPacket | undefined;
  /** What the message that is being delivered is answered with. */
  private reasonCode = 0;

  constructor(
    private readonly port: AckPort,
    /** QoS 2 identifiers between PUBREC and PUBREL: part of the session. */
    private readonly openIds: Set<number>,
  ) {}

  /** Messages whose acknowledgement is held back. */
  get size(): number {
    return this.waiting.size;
  }

  /** Whether the answer to this PUBLISH is still held back. */
  owes(packetId: number): boolean {
    for (const ticket of this.waiting) if (ticket.packetId === packetId) return true;
    return false;
  }

  /** Delivers a message at QoS 1 or 2, and answers it unless somebody takes hold of it meanwhile. */
  deliver(message: PublishPacket, deliver: (message: PublishPacket) => void): void {
    this.delivering = message;
    this.current = undefined;
    this.reasonCode = 0;
    deliver(message);
    this.delivering = undefined;
    const qos = message.qos === 1 ? 1 : 2;
    if (this.current === undefined) this.answer(qos, message.packetId, this.reasonCode);
    else this.waiting.push(this.current);
    this.release();
  }

  /** The reason code for the answer to the message that is being delivered; from 0x80 on it is refused. */
  answerWith(reasonCode: number): void {
    this.reasonCode = reasonCode;
  }

  /** Answers a PUBLISH in its turn. */
  answer(qos: 1 | 2, packetId: number, reasonCode = 0): void {
    if (this.waiting.size === 0) return this.send(qos, packetId, reasonCode);
    const ticket = new Ticket(this, qos, packetId);
    ticket.reasonCode = reasonCode;
    this.waiting.push(ticket);
  }

  /**
   * A copy of the message that is being delivered, for one observer that acknowledges by hand. At QoS 0, and for
   * whoever comes too late, the message itself, whose `ack()` does nothing.
   */
  hold(message: PublishPacket): PublishPacket {
    if (this.delivering !== message) return message;
    this.current ??= new Ticket(this, message.qos === 1 ? 1 : 2, message.packetId);
    this.current.holders++;
    const { topic, payload, qos, retain, dup, packetId, properties } = message;
    const copy = new PublishPacket(topic, payload, qos, retain, dup, packetId, properties);
    copy.acknowledger = this.current;
    return copy;
  }

  /** Sends what is ready at the head. */
  release(): void {
    for (;;) {
      const head = this.waiting.peek();
      if (head === undefined || head.holders > 0) return;
      this.waiting.shift();
      this.send(head.qos, head.packetId, head.reasonCode);
    }
  }

  private send(qos: 1 | 2, packetId: number, reasonCode: number): void {
    // A refused PUBLISH leaves its identifier free [MQTT-4.3.3-9].
    if (qos === 2 && reasonCode < 0x80) this.openIds.add(packetId);
    this.port.acknowledge(qos === 1 ? 'puback' : 'pubrec', packetId, reasonCode);
  }
}
