import { EMPTY, ignoreElements, share, type Subscription, tap, type Observable } from 'rxjs';
import { QueueFullError } from '../../errors.js';
import type { AckPacket, QoS } from '../../packet/packets.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { Outbox, type OutboxLimits } from '../../session/outbox.js';
import { OutgoingPublish } from '../../session/outgoing-publish.js';
import { Sender } from '../../session/sender.js';
import { type MountPoint, NO_MOUNT_POINT } from '../access/mount-point.js';
import { LOW_WATER_MARK } from '../routing/backpressure.js';
import type { FanOut } from '../routing/fan-out.js';
import type { Grant, Recipient, Share } from '../routing/recipient.js';
import type { ClientPort } from './client-port.js';
import { QoS0Lane } from './qos0-lane.js';
import { fitsSession, fitsTotal } from './queue-bounds.js';
import type { QueueLimits } from './queue-limits.js';
import type { SessionContext } from './session-context.js';
import type { SessionContents, SessionLog } from './session-log.js';
import { watchStall } from './stall-watch.js';

/** Bytes in flight to a client that keeps up; it need not be asked for its limits. */
const LITTLE = 16 * 1024;

/** A message of a shared subscription that did not reach its client. */
export interface Orphan {
  readonly message: OutgoingPublish;
  readonly group: Share;
}

/**
 * The messages of a session on their way to its client. Most clients are idle, so the sending parts are made with the
 * first message.
 */
export abstract class ClientQueue implements Recipient, OutboxLimits {
  /** The connection of its client, if any. */
  port: ClientPort | undefined = undefined;
  /** Discarded: delivers nothing any more. */
  ended = false;
  /** Remembers the queue beyond the process. */
  log: SessionLog | undefined = undefined;
  /** Its bounds: those of the listener at which its client connected last. */
  queue: QueueLimits;
  /** The highest QoS that its client may have now; what was granted may be above. */
  maxQos: QoS = 2;
  /** The process has shut it down. */
  protected closed = false;
  /** Of its outbox; with `drop-oldest`, room was made before. */
  readonly overflow = 'drop-newest';
  private outgoing: Sender | undefined = undefined;
  private qos0: QoS0Lane | undefined = undefined;
  /** Shared-subscription messages, to be given to other members if this session ends first. */
  private shares: WeakMap<OutgoingPublish, Share> | undefined = undefined;
  private loading: Observable<never> | undefined = undefined;
  /** Runs once its queue is full. */
  private stalled: Subscription | undefined = undefined;
  /** The part of the total that its log has not read. */
  private unreadBytes = 0;

  constructor(
    readonly clientId: string,
    protected readonly context: SessionContext,
    /** Where its topics begin. */
    readonly mountPoint: MountPoint = NO_MOUNT_POINT,
  ) {
    this.queue = context.queue;
  }

  get maxMessages(): number {
    return this.queue.queuedMessages;
  }

  get maxBytes(): number {
    return this.queue.queuedBytes;
  }

  get connected(): boolean {
    return this.port !== undefined;
  }

  get backlog(): number {
    return (this.outgoing?.outbox.size ?? 0) + (this.log?.unread?.messages ?? 0);
  }

  get backlogBytes(): number {
    return (this.outgoing?.outbox.bytes ?? 0) + (this.log?.unread?.bytes ?? 0);
  }

  get isBehind(): boolean {
    const { backlog } = this;
    return backlog > 0 && (backlog >= LOW_WATER_MARK.messages || this.backlogBytes >= LOW_WATER_MARK.bytes);
  }

  get acknowledgements(): number {
    return this.outgoing?.inFlight.finished ?? 0;
  }

  get taken(): number {
    return this.port?.taken ?? 0;
  }

  get writable(): boolean {
    const { port, outgoing } = this;
    return port !== undefined && !port.congested && (outgoing === undefined || outgoing.outbox.size === 0);
  }

  get canSend(): boolean {
    const { port, outgoing } = this;
    if (port === undefined || !this.writable) return false;
    return outgoing === undefined || outgoing.inFlight.windowUsed < port.limits.receiveMaximum;
  }

  /** Whether so many bytes find room. A client that keeps up can always be sent one message more. */
  hasRoomFor(bytes: number): boolean {
    const { limits, total } = this.context;
    if (this.held <= LITTLE && this.writable) return true;
    return fitsSession(bytes, this, this.queue) && fitsTotal(bytes, this, limits, total);
  }

  /** No message waits for its client or for an acknowledgement. */
  get idle(): boolean {
    return this.outgoing === undefined || this.outgoing.idle;
  }

  /** From now on it survives the process. */
  remember(log: SessionLog): void {
    this.log = log;
    this.outgoing?.remember(log);
    this.countUnread(log.unread?.bytes ?? 0);
  }

  /** Completes once all of its messages are in memory. They are read once, to the end, for every subscriber. */
  load(): Observable<never> {
    const { log } = this;
    if (log?.unread === undefined) return EMPTY;
    return (this.loading ??= log
      .read((topic, payload, acceptedAt, grant) => this.create(topic, payload, acceptedAt, grant))
      .pipe(
        tap((contents) => this.restore(contents)),
        ignoreElements(),
        share({ resetOnRefCountZero: false }),
      ));
  }

  /** Handles PUBACK, PUBREC and PUBCOMP. */
  acknowledged(packet: AckPacket): void {
    this.sender.acknowledged(packet);
  }

  /** Calls back once every change so far is durable. */
  whenDurable(listener: () => void): void {
    if (this.log === undefined) listener();
    else this.log.whenDurable(listener);
  }

  /**
   * Takes a message for its client. QoS 1 and 2 wait for the window. A message without room is refused, and a client
   * that takes nothing is disconnected.
   */
  deliver(fanOut: FanOut, granted: Grant): boolean {
    if (this.ended) return true;
    const grant = granted.qos > this.maxQos ? { ...granted, qos: this.maxQos } : granted;
    if (grant.qos === 0) {
      const { counters } = this.context;
      if (this.port === undefined) counters.droppedQoS0++;
      else (this.qos0 ??= new QoS0Lane(this, counters)).deliver(fanOut, grant, this.port);
      return true;
    }
    const { topic, payload } = fanOut.message;
    const waits = !this.writable;
    const message = this.create(topic, waits ? fanOut.kept : payload, fanOut.acceptedAt, grant);
    if ((waits || this.held > LITTLE) && !this.hasRoomFor(message.bytes) && !this.makeRoomFor(message)) {
      this.refuse(message);
      return false;
    }
    if (this.log?.take(message, fanOut, grant.group) === false) this.countUnread(message.bytes);
    else this.sender.offer(message);
    return true;
  }

  /** Attaches a connection: resends open messages, then sends the queue. */
  attach(port: ClientPort): void {
    this.port = port;
    this.outgoing?.attach(port, true);
  }

  detach(): void {
    this.port = undefined;
    this.stalled?.unsubscribe();
    const { outgoing } = this;
    if (outgoing === undefined) return;
    outgoing.detach();
    // A payload in flight is a view of the block that it came in, and may have to wait for long now.
    for (const message of outgoing.inFlight) message.releaseBlock();
  }

  /** The socket has room again. */
  drained(): void {
    this.outgoing?.pump();
  }

  /** Stops, and leaves the messages in its log. */
  close(): void {
    this.ended = true;
    this.closed = true;
    this.outgoing?.abandon();
    this.log?.closed();
  }

  /** Removes all messages; returns the shared-subscription ones that other members may get instead. */
  protected drain(): Orphan[] {
    const orphans: Orphan[] = [];
    for (const message of this.outgoing?.abandon() ?? []) {
      const group = this.shares?.get(message);
      if (group !== undefined && (message.qos === 1 || message.packetId === 0)) orphans.push({ message, group });
      message.log?.settled(message);
    }
    return orphans;
  }

  /** QoS 2 messages of the client between PUBREC and PUBREL, as logged. */
  protected abstract restoreOpenIds(packetIds: readonly number[]): void;

  get sender(): Sender {
    if (this.outgoing !== undefined) return this.outgoing;
    const { total } = this.context;
    const sender = (this.outgoing = new Sender(new Outbox(this, total), { total }));
    if (this.log !== undefined) sender.remember(this.log);
    if (this.port !== undefined) sender.attach(this.port, true);
    return sender;
  }

  private create(topic: string, payload: Uint8Array, acceptedAt: number | undefined, grant: Grant): OutgoingPublish {
    const { qos, retain, properties, group } = grant;
    const message = new OutgoingPublish(topic, payload, qos, retain, properties, this.context.drops);
    message.acceptedAt = acceptedAt;
    if (group !== undefined) (this.shares ??= new WeakMap()).set(message, group);
    return message;
  }

  private restore({ open, queued, openIds }: SessionContents): void {
    if (this.closed) return;
    this.countUnread(-this.unreadBytes);
    if (open.length > 0 || queued.length > 0) this.sender.restore(open, queued);
    this.restoreOpenIds(openIds);
  }

  private countUnread(bytes: number): void {
    this.unreadBytes += bytes;
    this.context.total.bytes += bytes;
  }

  /** Bytes that wait or are in flight. */
  get held(): number {
    const { outgoing } = this;
    return (outgoing === undefined ? 0 : outgoing.outbox.bytes + outgoing.inFlight.bytes) + this.unreadBytes;
  }

  /** With `drop-oldest`: drops what waits longest. What is in flight, or was not read yet, stays. */
  private makeRoomFor({ bytes }: OutgoingPublish): boolean {
    const { outgoing, queue } = this;
    if (queue.overflow !== 'drop-oldest' || outgoing === undefined) return false;
    const { outbox } = outgoing;
    // Drop nothing for a message that does not fit into an empty queue.
    if (bytes > queue.queuedBytes || queue.queuedMessages === 0) return false;
    while (!this.hasRoomFor(bytes)) {
      const oldest = outbox.shift();
      if (oldest === undefined) return false;
      oldest.fail(new QueueFullError('the queue of a session is full: what waits longest was dropped'));
    }
    return true;
  }

  private refuse(message: OutgoingPublish): void {
    const { counters } = this.context;
    // Others filled the pool: that is not this client's fault.
    if (fitsSession(message.bytes, this, this.queue)) {
      counters.droppedTotalFull++;
      return;
    }
    counters.droppedQueueFull++;
    const { port } = this;
    if (port === undefined || this.stalled?.closed === false) return;
    this.stalled = watchStall(this, port, () => {
      counters.slowConsumers++;
      port.disconnect(ReasonCode.QUOTA_EXCEEDED);
    });
  }
}
