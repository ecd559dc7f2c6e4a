import type { AckCommand } from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { Fifo } from './fifo.js';
import type { IncomingLog } from './message-log.js';
import { Ticket, type Holder, type UnansweredMessages } from './ticket.js';

/** Writes acknowledgements on the live connection. */
export interface AckPort {
  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void;
}

/** Stops and restarts the flow of messages. */
export interface InboundFlow {
  pause(): void;
  resume(): void;
}

export interface AckLaneOptions {
  /** QoS 2 identifiers between PUBREC and PUBREL: part of the session. */
  readonly openIds: Set<number>;
  /** Remembers these beyond the process. */
  readonly log?: IncomingLog | undefined;
  /** QoS 2 messages that were delivered, and whose answer may wait for another connection: part of the session. */
  readonly unanswered?: UnansweredMessages | undefined;
  /** Reading stops while as many messages are held as the window takes. */
  readonly flow?: InboundFlow | undefined;
  /** Default: no bound. */
  readonly window?: number;
  /**
   * The peer keeps to the window at QoS 1 and 2 by itself (MQTT 5): then only QoS 0 stops the reading, so that the
   * acknowledgements of our own messages still come in. Default false.
   */
  readonly peerKeepsWindow?: boolean;
}

const STAYS: Holder = { closed: false };

/**
 * The acknowledgements that are owed on one connection. They leave in the order in which the messages arrived
 * [MQTT-4.6.0-2] [MQTT-4.6.0-3]; a message that nobody holds is acknowledged as soon as it was delivered. What was
 * held by observers who are gone holds up nobody: it is acknowledged when they say so after all, or sent again by the
 * broker in the next connection of the session.
 */
export class AckLane {
  private readonly waiting = new Fifo<Ticket>();
  /** Messages at QoS 0 that are held; there is nothing to acknowledge, but they count. */
  private unprocessed = 0;
  /** Of the message that is being delivered, once somebody holds it. */
  private current: Ticket | undefined;
  private delivering: PublishPacket | undefined;
  /** Who has seen that message on an earlier connection. */
  private seenBefore: Set<Holder> | undefined;
  private paused = false;
  private closed = false;
  /** What the message that is being delivered is answered with. */
  private reasonCode = 0;

  constructor(
    private readonly port: AckPort,
    private readonly options: AckLaneOptions,
  ) {}

  /** Messages whose acknowledgement is held back. */
  get size(): number {
    return this.waiting.size;
  }

  /** Those of them whose identifier is not among these. */
  sizeBeside(openIds: ReadonlySet<number>): number {
    let size = 0;
    for (const ticket of this.waiting) if (!openIds.has(ticket.packetId)) size++;
    return size;
  }

  /** Reading has stopped, because too many messages are held. */
  get isPaused(): boolean {
    return this.paused;
  }

  /** Whether the answer to this PUBLISH is still held back. */
  owes(packetId: number): boolean {
    for (const ticket of this.waiting) if (ticket.packetId === packetId) return true;
    return false;
  }

  /** Delivers a message at QoS 1 or 2, and answers it unless somebody takes hold of it meanwhile. */
  deliver(message: PublishPacket, deliver: (message: PublishPacket) => void): void {
    const earlier = message.qos === 2 ? this.takeEarlier(message) : undefined;
    if (earlier !== undefined && (earlier.done || !earlier.abandoned)) return this.resume(earlier);
    this.delivering = message;
    this.seenBefore = earlier?.seenBy;
    this.current = undefined;
    this.reasonCode = 0;
    deliver(message);
    this.delivering = undefined;
    if (this.closed) return this.settleAfterwards(message);
    if (this.current === undefined) return this.answer(message.qos, message.packetId, this.reasonCode);
    this.waiting.push(this.current);
    this.release();
    this.regulate();
  }

  /**
   * The connection is gone. What is acknowledged from now on matters at QoS 2 only, where the message does not come
   * again for those who have it: the next connection of the session answers it.
   */
  close(): void {
    this.closed = true;
    const { unanswered } = this.options;
    if (unanswered === undefined) return;
    for (const ticket of this.waiting) if (ticket.qos === 2) unanswered.set(ticket.packetId, ticket);
  }

  /** The reason code for the answer to the message that is being delivered; from 0x80 on it is refused. */
  answerWith(reasonCode: number): void {
    this.reasonCode = reasonCode;
  }

  /** Answers a PUBLISH in its turn. */
  answer(qos: 0 | 1 | 2, packetId: number, reasonCode = 0): void {
    if (this.waiting.size === 0) return this.send(qos, packetId, reasonCode);
    const ticket = new Ticket(this, qos, packetId);
    ticket.reasonCode = reasonCode;
    this.waiting.push(ticket);
    this.release();
  }

  /**
   * A copy of a message for one holder, who acknowledges it by hand: of the message that is being delivered, or of one
   * that is held already. Of any other, the message itself, whose `ack()` does nothing.
   */
  hold(message: PublishPacket, holder: Holder = STAYS): PublishPacket {
    const ticket = this.ticketOf(message);
    if (ticket === undefined) return message;
    ticket.hold(holder);
    const { topic, payload, qos, retain, dup, packetId, properties } = message;
    const copy = new PublishPacket(topic, payload, qos, retain, dup, packetId, properties);
    copy.acknowledger = ticket;
    return copy;
  }

  /** Notes who sees a QoS 2 message beside those who hold it: should it be sent again, it is not for them. */
  shown(message: PublishPacket, observer: Holder): void {
    if (message.qos === 2) this.ticketOf(message)?.shown(observer);
  }

  /** Whether an observer has seen this QoS 2 message on an earlier connection. */
  hasSeen(message: PublishPacket, observer: Holder): boolean {
    if (message.qos !== 2) return false;
    const { acknowledger } = message;
    if (acknowledger instanceof Ticket) return acknowledger.seenBy?.has(observer) === true;
    return this.delivering === message && this.seenBefore?.has(observer) === true;
  }

  /** Everybody who held it has acknowledged it. */
  completed(ticket: Ticket): void {
    if (ticket.qos === 0) this.unprocessed--;
    else if (ticket.loose) this.sendLate(ticket);
    this.release();
    this.regulate();
  }

  /** Sends what is ready at the head. */
  release(): void {
    for (;;) {
      const head = this.waiting.peek();
      if (head === undefined || (!head.done && !head.abandoned)) return;
      this.waiting.shift();
      if (head.done) this.send(head.qos, head.packetId, head.reasonCode);
      else this.loosen(head);
    }
  }

  /** Its holders have left: it waits for them no longer, and is as good as unanswered. */
  private loosen(ticket: Ticket): void {
    ticket.loose = true;
    if (ticket.qos === 2) this.options.unanswered?.set(ticket.packetId, ticket);
  }

  private sendLate({ qos, packetId, reasonCode }: Ticket): void {
    if (!this.closed) this.options.unanswered?.delete(packetId);
    this.send(qos, packetId, reasonCode);
  }

  /** The connection ended while the message was being delivered: at QoS 2 it must not be delivered again for that. */
  private settleAfterwards({ qos, packetId }: PublishPacket): void {
    const { openIds, log, unanswered } = this.options;
    if (qos !== 2 || this.reasonCode >= 0x80) return;
    const ticket = this.current;
    if (ticket !== undefined && (!ticket.done || ticket.reasonCode >= 0x80)) {
      unanswered?.set(packetId, ticket);
      return;
    }
    openIds.add(packetId);
    log?.received(packetId, () => undefined);
  }

  /** What an earlier connection left of a message that is sent again now. */
  private takeEarlier({ packetId, dup }: PublishPacket): Ticket | undefined {
    const { unanswered } = this.options;
    const ticket = unanswered?.get(packetId);
    if (ticket === undefined) return undefined;
    unanswered?.delete(packetId);
    return dup ? ticket : undefined;
  }

  /** The message was delivered, and is acknowledged or held: it takes its place among those of this connection. */
  private resume(ticket: Ticket): void {
    ticket.lane = this;
    ticket.loose = false;
    this.waiting.push(ticket);
    this.release();
    this.regulate();
  }

  private ticketOf(message: PublishPacket): Ticket | undefined {
    if (message.acknowledger instanceof Ticket) return message.acknowledger;
    if (message.qos === 0) {
      this.unprocessed++;
      this.regulate();
      return new Ticket(this, 0, 0);
    }
    if (this.delivering !== message) return undefined;
    return (this.current ??= new Ticket(this, message.qos, message.packetId, this.seenBefore));
  }

  /** Stops reading at the bound, and starts again below it. */
  private regulate(): void {
    const { flow, window = Infinity, peerKeepsWindow = false } = this.options;
    const full = (peerKeepsWindow ? 0 : this.waiting.size) + this.unprocessed >= window;
    if (flow === undefined || full === this.paused) return;
    this.paused = full;
    if (full) flow.pause();
    else flow.resume();
  }

  private send(qos: 0 | 1 | 2, packetId: number, reasonCode: number): void {
    if (this.closed) return;
    const { log, openIds } = this.options;
    if (qos === 1) return this.port.acknowledge('puback', packetId, reasonCode);
    // A refused PUBLISH leaves its identifier free [MQTT-4.3.3-9].
    if (reasonCode >= 0x80) return this.port.acknowledge('pubrec', packetId, reasonCode);
    openIds.add(packetId);
    if (log === undefined) return this.port.acknowledge('pubrec', packetId, reasonCode);
    log.received(packetId, () => this.port.acknowledge('pubrec', packetId, reasonCode));
  }
}
