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
  /** Persists these identifiers. */
  readonly log?: IncomingLog | undefined;
  /** QoS 2 messages that were delivered but not answered on their connection: part of the session. */
  readonly unanswered?: UnansweredMessages | undefined;
  /** Messages whose holders left without acknowledging them fill the window: the peer sends nothing at QoS 1 and 2. */
  readonly onStuck?: (() => void) | undefined;
}

const NEVER_CLOSED: Holder = { closed: false, add: () => undefined, remove: () => undefined };

/**
 * The outstanding acknowledgements of one connection. A message is delivered between {@link begin} and {@link end}, and
 * `end` acknowledges it unless an observer holds it. Acknowledgements go out in the order in which the messages arrived
 * [MQTT-4.6.0-2] [MQTT-4.6.0-3].
 *
 * Observers that have left block no other message. If they acknowledge after all, the acknowledgement is sent;
 * otherwise the broker resends the message on the session's next connection. Until then it has its place in the
 * peer's window.
 */
export class AckQueue {
  private readonly waiting = new Fifo<PendingAck>();
  private readonly window: InboundWindow;
  private readonly heldAtQos0 = new Set<PendingAck>();
  /** Observers that hold messages, or did, and what happens when they leave. */
  private readonly holders = new Map<Holder, () => void>();
  /** Messages that wait for no holder any more. */
  private detached = 0;
  /** The message between {@link begin} and {@link end}, and the reason code for its answer. */
  private delivering: PublishPacket | undefined;
  private reasonCode = 0;
  /** Its pending acknowledgement, once an observer holds it. */
  private current: PendingAck | undefined;
  /** The observers that received it on an earlier connection. */
  private deliveredBefore: Set<object> | undefined;
  private closed = false;

  constructor(
    private readonly port: AckPort,
    private readonly options: AckQueueOptions,
  ) {
    this.window = new InboundWindow(options);
  }

  /** Messages with an outstanding acknowledgement. */
  get size(): number {
    return this.waiting.size;
  }

  /** As {@link size}, without the messages whose identifier is in `openIds`. */
  sizeWithout(openIds: ReadonlySet<number>): number {
    let size = 0;
    for (const pending of this.waiting) if (!openIds.has(pending.packetId)) size++;
    return size;
  }

  /** True while reading is paused because too many messages are held. */
  get isPaused(): boolean {
    return this.window.isPaused;
  }

  /** Whether this PUBLISH is still unanswered. */
  isPending(packetId: number): boolean {
    for (const pending of this.waiting) if (pending.packetId === packetId) return true;
    return false;
  }

  /**
   * Starts the delivery of a QoS 1 or 2 message; {@link end} must follow. Returns false if an earlier connection
   * already delivered it: it must not be delivered again, and is answered in its turn.
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

  /** Sets the reason code for the message being delivered; 0x80 and above refuse it. */
  answerWith(reasonCode: number): void {
    this.reasonCode = reasonCode;
  }

  /** Ends the delivery, even if the connection was lost during it. Answers the message unless an observer holds it. */
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
   * Returns a copy of the message that `holder` acknowledges by hand. Works while the message is being delivered or is
   * held; otherwise returns the message itself, whose `ack()` does nothing.
   */
  hold(message: PublishPacket, holder: Holder = NEVER_CLOSED): PublishPacket {
    const pending = this.pendingOf(message);
    if (pending === undefined) return message;
    const { topic, payload, qos, retain, dup, packetId, properties } = message;
    const copy = new PublishPacket(topic, payload, qos, retain, dup, packetId, properties);
    pending.hold(copy, holder);
    this.watch(holder);
    copy.acknowledger = pending;
    return copy;
  }

  /** Records that an observer received a QoS 2 message, so that a resend skips it. */
  markDelivered(message: PublishPacket, observer: object): void {
    if (message.qos === 2) this.pendingOf(message)?.markDelivered(observer);
  }

  /** Whether an observer received this QoS 2 message on an earlier connection. */
  wasDelivered(message: PublishPacket, observer: object): boolean {
    if (message.qos !== 2) return false;
    const { acknowledger } = message;
    if (acknowledger instanceof PendingAck) return acknowledger.deliveredTo?.has(observer) === true;
    return this.delivering === message && this.deliveredBefore?.has(observer) === true;
  }

  /** A holder has acknowledged the message. */
  acknowledged(pending: PendingAck): void {
    if (this.closed) return;
    const { qos, done, abandoned, detached } = pending;
    if (qos === 0 && (done || abandoned)) this.heldAtQos0.delete(pending);
    else if (detached && done) this.sendLate(pending);
    this.release();
    this.regulate();
  }

  /** Sends the acknowledgements that are ready, from the head. */
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
   * The connection is gone. Later acknowledgements matter at QoS 2 only: observers that have the message do not receive
   * it again, so the session's next connection answers it.
   */
  close(): void {
    this.closed = true;
    // An observer outlives many connections, and must not keep their queues.
    for (const [holder, left] of this.holders) holder.remove(left);
    this.holders.clear();
    for (const pending of this.waiting) this.options.unanswered?.add(pending);
  }

  /** Messages held by an observer that has left no longer block later ones, and no longer count for the flow. */
  private watch(holder: Holder): void {
    if (this.holders.has(holder)) return;
    const left = (): void => {
      this.holders.delete(holder);
      for (const pending of this.heldAtQos0) if (pending.abandoned) this.heldAtQos0.delete(pending);
      this.release();
      this.regulate();
    };
    this.holders.set(holder, left);
    holder.add(left);
  }

  private push(pending: PendingAck): void {
    this.waiting.push(pending);
    this.release();
    this.regulate();
  }

  /** Stops waiting for a message whose holders have left; it counts as unanswered. */
  private detach(pending: PendingAck): void {
    const { unanswered, window, peerKeepsWindow, onStuck } = this.options;
    pending.detached = true;
    unanswered?.add(pending);
    if (++this.detached === window && peerKeepsWindow === true) onStuck?.();
  }

  private sendLate({ qos, packetId, reasonCode }: PendingAck): void {
    this.detached--;
    this.options.unanswered?.delete(packetId);
    this.send(qos, packetId, reasonCode);
  }

  /** Settles a message whose connection ended during delivery: at QoS 2 it must not be delivered twice. */
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
      const pending = new PendingAck(this, 0, 0);
      this.heldAtQos0.add(pending);
      this.regulate();
      return pending;
    }
    if (this.delivering !== message) return undefined;
    return (this.current ??= new PendingAck(this, message.qos, message.packetId, this.deliveredBefore));
  }

  private regulate(): void {
    this.window.update(this.waiting.size, this.heldAtQos0.size);
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
