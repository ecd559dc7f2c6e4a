import type { AckCommand } from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import { Fifo } from '../fifo.js';
import { InboundWindow, type InboundWindowOptions } from './inbound-window.js';
import type { IncomingLog } from './message-log.js';
import { PendingAck, type Holder } from './pending-ack.js';
import type { UnansweredMessages } from './unanswered-messages.js';

/** Writes acknowledgements on the live connection. */
export interface AckPort {
  acknowledge(cmd: AckCommand, packetId: number, reasonCode: number): void;
}

export interface AckQueueOptions extends InboundWindowOptions {
  /** QoS 2 identifiers between PUBREC and PUBREL: part of the session. */
  readonly openIds: Set<number>;
  /** Remembers these beyond the process. */
  readonly log?: IncomingLog | undefined;
  /** QoS 2 messages that were delivered, and whose answer may wait for another connection: part of the session. */
  readonly unanswered?: UnansweredMessages | undefined;
}

const STAYS: Holder = { closed: false };

/**
 * The acknowledgements that are owed on one connection. A message is delivered between {@link begin} and {@link end};
 * unless an observer takes hold of it meanwhile, `end` acknowledges it. Acknowledgements leave in the order in which the
 * messages arrived [MQTT-4.6.0-2] [MQTT-4.6.0-3].
 *
 * Observers that have left hold up no other message. What they held is acknowledged when they do so after all, or the
 * broker sends it again on the next connection of the session.
 */
export class AckQueue {
  private readonly waiting = new Fifo<PendingAck>();
  private readonly window: InboundWindow;
  /** Messages at QoS 0 that are held. */
  private heldAtQos0 = 0;
  /** The message between {@link begin} and {@link end}, and what it will be answered with. */
  private delivering: PublishPacket | undefined;
  private reasonCode = 0;
  /** Of that message, once an observer holds it. */
  private current: PendingAck | undefined;
  /** The observers that got that message on an earlier connection. */
  private deliveredBefore: Set<Holder> | undefined;
  private closed = false;

  constructor(
    private readonly port: AckPort,
    private readonly options: AckQueueOptions,
  ) {
    this.window = new InboundWindow(options);
  }

  /** Messages whose acknowledgement is held back. */
  get size(): number {
    return this.waiting.size;
  }

  /** Those of them whose identifier is not among these. */
  sizeBeside(openIds: ReadonlySet<number>): number {
    let size = 0;
    for (const pending of this.waiting) if (!openIds.has(pending.packetId)) size++;
    return size;
  }

  /** Reading has stopped, because too many messages are held. */
  get isPaused(): boolean {
    return this.window.isPaused;
  }

  /** Whether the answer to this PUBLISH is still held back. */
  isPending(packetId: number): boolean {
    for (const pending of this.waiting) if (pending.packetId === packetId) return true;
    return false;
  }

  /**
   * A message at QoS 1 or 2 is about to be delivered; {@link end} must follow. False: it is not to be delivered, because
   * an earlier connection did that, and it is answered in its turn.
   */
  begin(message: PublishPacket): boolean {
    const earlier = message.qos === 2 ? this.options.unanswered?.take(message) : undefined;
    if (earlier !== undefined && (earlier.done || !earlier.abandoned)) {
      earlier.queue = this;
      earlier.detached = false;
      this.push(earlier);
      return false;
    }
    this.delivering = message;
    this.deliveredBefore = earlier?.deliveredTo;
    this.current = undefined;
    this.reasonCode = 0;
    return true;
  }

  /** The reason code for the answer to the message that is being delivered; from 0x80 on it is refused. */
  answerWith(reasonCode: number): void {
    this.reasonCode = reasonCode;
  }

  /** The message was delivered, even if that ended the connection. It is answered unless an observer holds it. */
  end(message: PublishPacket): void {
    const { current } = this;
    this.delivering = undefined;
    this.current = undefined;
    if (this.closed) this.settleAfterwards(message, current);
    else if (current === undefined) this.answer(message.qos, message.packetId, this.reasonCode);
    else this.push(current);
  }

  /** Answers a PUBLISH in its turn. */
  answer(qos: 0 | 1 | 2, packetId: number, reasonCode = 0): void {
    if (this.waiting.size === 0) return this.send(qos, packetId, reasonCode);
    const pending = new PendingAck(this, qos, packetId);
    pending.reasonCode = reasonCode;
    this.waiting.push(pending);
    this.release();
  }

  /**
   * A copy of a message for one holder, who acknowledges it by hand: of the message that is being delivered, or of one
   * that is held already. Of any other, the message itself, whose `ack()` does nothing.
   */
  hold(message: PublishPacket, holder: Holder = STAYS): PublishPacket {
    const pending = this.pendingOf(message);
    if (pending === undefined) return message;
    pending.hold(holder);
    const { topic, payload, qos, retain, dup, packetId, properties } = message;
    const copy = new PublishPacket(topic, payload, qos, retain, dup, packetId, properties);
    copy.acknowledger = pending;
    return copy;
  }

  /** Notes who gets a QoS 2 message beside those who hold it: should it be sent again, it is not for them. */
  markDelivered(message: PublishPacket, observer: Holder): void {
    if (message.qos === 2) this.pendingOf(message)?.markDelivered(observer);
  }

  /** Whether an observer got this QoS 2 message on an earlier connection. */
  wasDelivered(message: PublishPacket, observer: Holder): boolean {
    if (message.qos !== 2) return false;
    const { acknowledger } = message;
    if (acknowledger instanceof PendingAck) return acknowledger.deliveredTo?.has(observer) === true;
    return this.delivering === message && this.deliveredBefore?.has(observer) === true;
  }

  /** All holders of a message have acknowledged it. */
  completed(pending: PendingAck): void {
    if (pending.qos === 0) this.heldAtQos0--;
    else if (pending.detached) this.sendLate(pending);
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
      else this.detach(head);
    }
  }

  /**
   * The connection is gone. What is acknowledged from now on matters at QoS 2 only, where the message does not come
   * again for those who have it: the next connection of the session answers it.
   */
  close(): void {
    this.closed = true;
    for (const pending of this.waiting) this.options.unanswered?.add(pending);
  }

  private push(pending: PendingAck): void {
    this.waiting.push(pending);
    this.release();
    this.regulate();
  }

  /** Its holders have left: it waits for them no longer, and is as good as unanswered. */
  private detach(pending: PendingAck): void {
    pending.detached = true;
    this.options.unanswered?.add(pending);
  }

  private sendLate({ qos, packetId, reasonCode }: PendingAck): void {
    if (!this.closed) this.options.unanswered?.delete(packetId);
    this.send(qos, packetId, reasonCode);
  }

  /** The connection ended while the message was being delivered: at QoS 2 it must not be delivered again for that. */
  private settleAfterwards({ qos, packetId }: PublishPacket, pending: PendingAck | undefined): void {
    const { openIds, log, unanswered } = this.options;
    if (qos !== 2 || this.reasonCode >= 0x80) return;
    if (pending !== undefined && (!pending.done || pending.reasonCode >= 0x80)) {
      unanswered?.add(pending);
      return;
    }
    openIds.add(packetId);
    log?.received(packetId, () => undefined);
  }

  private pendingOf(message: PublishPacket): PendingAck | undefined {
    if (message.acknowledger instanceof PendingAck) return message.acknowledger;
    if (message.qos === 0) {
      this.heldAtQos0++;
      this.regulate();
      return new PendingAck(this, 0, 0);
    }
    if (this.delivering !== message) return undefined;
    return (this.current ??= new PendingAck(this, message.qos, message.packetId, this.deliveredBefore));
  }

  private regulate(): void {
    this.window.update(this.waiting.size, this.heldAtQos0);
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
