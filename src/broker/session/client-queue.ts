import { EMPTY, ignoreElements, share, tap, type Observable } from 'rxjs';
import type { AckPacket } from '../../packet/packets.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import type { ByteTotal } from '../../session/backlog.js';
import { Outbox, type OutboxLimits } from '../../session/outbox.js';
import { OutgoingPublish } from '../../session/outgoing-publish.js';
import { Sender } from '../../session/sender.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { BrokerCounters } from '../counters.js';
import type { FanOut } from '../routing/fan-out.js';
import type { Grant, Recipient, Share } from '../routing/recipient.js';
import type { ClientPort } from './client-port.js';
import { type Drops, WaitingQoS0 } from './drops.js';
import type { SessionContents, SessionLog } from './session-log.js';
import type { Slices } from './slices.js';

/** What all sessions of a broker share. */
export interface SessionContext {
  readonly limits: BrokerLimits;
  readonly outboxLimits: OutboxLimits;
  readonly counters: BrokerCounters;
  readonly drops: Drops;
  /** Bytes that wait for all sessions. */
  readonly total: ByteTotal;
  /** For the search of retained messages. */
  readonly slices: Slices;
}

/** A message of a shared subscription that did not reach its client. */
export interface Orphan {
  readonly message: OutgoingPublish;
  readonly group: Share;
}

/**
 * The messages of a session on their way to its client. Most clients are idle, so the sending parts are made with the
 * first message.
 */
export abstract class ClientQueue implements Recipient {
  /** The connection of its client, if any. */
  port: ClientPort | undefined = undefined;
  /** Discarded: delivers nothing any more. */
  ended = false;
  /** Remembers the queue beyond the process. */
  log: SessionLog | undefined = undefined;
  /** The process has shut it down. */
  protected closed = false;
  private outgoing: Sender | undefined = undefined;
  private waiting: WaitingQoS0 | undefined = undefined;
  /** Shared-subscription messages, to be given to other members if this session ends first. */
  private shares: WeakMap<OutgoingPublish, Share> | undefined = undefined;
  private loading: Observable<never> | undefined = undefined;
  /** The part of the total that its log has not read. */
  private unreadBytes = 0;

  constructor(
    readonly clientId: string,
    protected readonly context: SessionContext,
  ) {}

  get connected(): boolean {
    return this.port !== undefined;
  }

  get backlog(): number {
    return (this.outgoing?.outbox.size ?? 0) + (this.log?.unread?.messages ?? 0);
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

  /** No message waits for its client or for an acknowledgement. */
  get idle(): boolean {
    return this.outgoing === undefined || this.outgoing.idle;
  }

  get settled$(): Observable<void> {
    return this.sender.settled$;
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
   * Takes a message for its client. QoS 0 is sent at once or, while the socket is full, queued within its own bound.
   * QoS 1 and 2 wait for the window. When there is no room left for them, a connected client is disconnected.
   */
  deliver(fanOut: FanOut, grant: Grant): void {
    if (this.ended) return;
    if (grant.qos === 0) return this.deliverQoS0(fanOut, grant);
    const { topic, payload } = fanOut.message;
    const waits = !this.writable;
    const message = this.create(topic, waits ? fanOut.kept : payload, fanOut.acceptedAt, grant);
    if (waits && !this.hasRoomFor(message)) return this.refuse(message);
    if (this.log?.take(message, fanOut, grant.group) === false) return this.countUnread(message.bytes);
    this.sender.offer(message);
  }

  /** Attaches a connection: resends open messages, then sends the queue. */
  attach(port: ClientPort): void {
    this.port = port;
    this.outgoing?.attach(port, true);
  }

  detach(): void {
    this.port = undefined;
    this.outgoing?.detach();
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

  private get sender(): Sender {
    if (this.outgoing !== undefined) return this.outgoing;
    const { outboxLimits, total } = this.context;
    const sender = (this.outgoing = new Sender(new Outbox(outboxLimits, total), { guarded: false }));
    if (this.log !== undefined) sender.remember(this.log);
    if (this.port !== undefined) sender.attach(this.port, true);
    return sender;
  }

  private create(topic: string, payload: Uint8Array, acceptedAt: number, grant: Grant): OutgoingPublish {
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

  private fits({ bytes }: OutgoingPublish): boolean {
    const { limits } = this.context;
    const waiting = (this.outgoing?.outbox.bytes ?? 0) + (this.log?.unread?.bytes ?? 0);
    return this.backlog < limits.queuedMessages && waiting + bytes <= limits.queuedBytes;
  }

  private hasRoomFor(message: OutgoingPublish): boolean {
    const { limits, total } = this.context;
    return this.fits(message) && total.bytes + message.bytes <= limits.totalQueuedBytes;
  }

  private refuse(message: OutgoingPublish): void {
    const { counters } = this.context;
    if (this.fits(message)) counters.droppedTotalFull++;
    else counters.droppedQueueFull++;
    if (this.port === undefined) return;
    counters.slowConsumers++;
    this.port.disconnect(ReasonCode.QUOTA_EXCEEDED);
  }

  private deliverQoS0(fanOut: FanOut, { retain, properties }: Grant): void {
    const { port } = this;
    const { counters, limits } = this.context;
    const { message } = fanOut;
    if (port === undefined) {
      counters.droppedQoS0++;
      return;
    }
    const waiting = this.waiting?.count ?? 0;
    const flows = !port.congested && waiting === 0;
    if (flows && !retain && port.acceptsPreEncoded && properties === message.properties && fanOut.acceptedAt === 0) {
      port.publishPreEncoded(fanOut);
      return;
    }
    this.waiting ??= new WaitingQoS0(counters);
    const payload = flows ? message.payload : fanOut.kept;
    const outgoing = new OutgoingPublish(message.topic, payload, 0, retain, properties, this.waiting);
    outgoing.acceptedAt = fanOut.acceptedAt;
    if (!flows && (waiting >= limits.queuedQoS0 || !this.hasRoomFor(outgoing))) {
      counters.droppedQoS0++;
      return;
    }
    this.waiting.count++;
    if (flows) this.sender.sendUnqueued(outgoing);
    else this.sender.offer(outgoing);
  }
}
