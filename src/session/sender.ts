import { Subject } from 'rxjs';
import type { ExpiredError, MqttError, PublishError } from '../errors.js';
import type { SendLimits } from '../packet/limits.js';
import type { AckPacket } from '../packet/packets.js';
import { elapsed } from '../rx/clock.js';
import { ExpiryWatch } from './expiry-watch.js';
import { InFlight } from './in-flight.js';
import { LatencyProbe } from './latency-probe.js';
import type { OutgoingLog } from './message-log.js';
import type { Outbox } from './outbox.js';
import { Phase, type OutgoingPublish, type PublishReceipt } from './outgoing-publish.js';
import { overLimits, tightened } from './publish-limits.js';
import { PublishRate } from './publish-rate.js';
import { refusalOf } from './refusal.js';
import { survives } from './retention.js';
import { resetForRepublish, settleLost } from './session-loss.js';
import { givenUp, notConnected, outOfOrder, poisonError, refusedByBroker } from './send-errors.js';
import type { SenderOptions, SendPort } from './sender-options.js';

const QOS_0_RECEIPT: PublishReceipt = Object.freeze({ packetId: 0, qos: 0, reasonCode: 0 });

/**
 * The sending half of a session: the outbox, the open exchanges, and the peer's window. It outlives connections; {@link
 * attach} binds it to one. Client and broker both use it.
 */
export class Sender {
  readonly inFlight: InFlight;
  private port: SendPort | undefined;
  /** Of the port, and our own. */
  private limits: SendLimits | undefined;
  private readonly rate: PublishRate | undefined;
  private pumping = false;
  private log: OutgoingLog | undefined;
  private readonly expiry: ExpiryWatch;
  /** Acknowledgements that matched no exchange. */
  strays = 0;
  /** Messages set aside because the broker ended its connections over them. */
  poisoned = 0;
  readonly latency = new LatencyProbe();

  private readonly settled = new Subject<void>();
  /** Emits after each acknowledgement, once its packet identifier is free, and whenever nothing is left to do. */
  readonly settled$ = this.settled.asObservable();
  private readonly queued = new Subject<void>();
  /** Emits when a message has to wait although connected. */
  readonly queued$ = this.queued.asObservable();

  constructor(
    readonly outbox: Outbox,
    private readonly options: SenderOptions = {},
  ) {
    this.inFlight = new InFlight(options.total);
    this.expiry = new ExpiryWatch(outbox);
    const perSecond = options.limits?.publishRate;
    this.rate = perSecond === undefined ? undefined : new PublishRate(perSecond, () => this.pump());
  }

  /** Messages that expired while waiting. */
  get expired(): number {
    return this.expiry.count;
  }

  /** Nothing waits, and no exchange is open. */
  get idle(): boolean {
    return this.inFlight.size === 0 && this.outbox.size === 0;
  }

  /** From now on persists every waiting message and every message at QoS 1 and 2. */
  remember(log: OutgoingLog): void {
    this.log = log;
  }

  /** Adds the messages of an earlier process; before the first {@link attach}. */
  restore(open: readonly OutgoingPublish[], queued: readonly OutgoingPublish[]): void {
    for (const message of open) this.inFlight.restore(message);
    this.outbox.putBack(queued);
    for (const message of queued) this.expiry.watch(message);
  }

  /** Sends a message at once if none is ahead of it and the window is open; otherwise queues it. */
  offer(message: OutgoingPublish): void {
    const refusal = this.refusalAtOnce(message);
    if (refusal !== undefined) return message.fail(refusal);
    if (this.outbox.size === 0 && this.maySend(message)) return this.send(message);
    if (this.port === undefined && !survives(message, this.options)) return message.fail(notConnected(message));
    this.outbox.offer(message);
    if (message.phase === Phase.SETTLED) return;
    this.log?.accepted(message);
    this.expiry.watch(message);
    if (this.port !== undefined) this.queued.next();
  }

  /** Sends a QoS 0 message ahead of everything waiting for the window; only while the socket has room. */
  sendUnqueued(message: OutgoingPublish): void {
    this.send(message);
  }

  /** Cancels a message. If it was already sent, its handshake completes without an observer. */
  cancel(message: OutgoingPublish): void {
    if (message.phase === Phase.SETTLED) return;
    if (message.phase > Phase.QUEUED) {
      message.forget();
      return;
    }
    this.outbox.cancel(message);
    if (this.idle) this.settled.next();
  }

  /** Binds to a connection. Resends the open exchanges, or settles them by policy if the session is gone. */
  attach(port: SendPort, sessionPresent: boolean): void {
    this.port = port;
    this.outbox.offlineSince = undefined;
    this.limits = tightened(port.limits, this.options.limits);
    // What the peer has already goes on, whatever holds up the others.
    this.inFlight.rewind(this.options.quarantine?.suspectsMessage === true);
    if (!sessionPresent) this.loseSession();
    this.pump();
  }

  /** The oldest message that the peer has not acknowledged on this connection, not even with PUBREC. */
  get unanswered(): OutgoingPublish | undefined {
    for (const message of this.inFlight) if (message.onWire && message.phase === Phase.PUBLISHED) return message;
    return undefined;
  }

  /** Gives up a message over which the peer ends its connections. Its identifier belongs to the session. */
  setAside(message: OutgoingPublish, reason: MqttError): void {
    this.poisoned++;
    this.inFlight.retire(message);
    message.fail(poisonError(message, reason));
  }

  /** The connection is gone; `reason`, if known, is passed to the observers that do not wait for another one. */
  detach(reason?: MqttError): void {
    if (this.port === undefined) return;
    this.latency.reset();
    this.port = undefined;
    this.outbox.offlineSince = elapsed();
    this.rate?.reset();
    if (this.options.retention === undefined || this.options.retention === 'all') return;
    for (const message of this.outbox.takeIf((waiting) => !survives(waiting, this.options))) {
      message.fail(notConnected(message, reason));
    }
    if (this.options.retention !== 'nothing') return;
    for (const message of [...this.inFlight]) message.tell(notConnected(message, reason));
  }

  /** Sends as much as the window and the socket allow: resends first, then the outbox. */
  pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.resendNext() || (this.options.rateLimited !== true && this.sendNext()));
    } finally {
      this.pumping = false;
    }
    if (this.idle) this.settled.next();
  }

  /** Sends one message of the outbox if the window and the socket allow it. */
  sendRateLimited(): void {
    if (this.inFlight.resendQueue.size > 0) return;
    this.sendNext();
    if (this.idle) this.settled.next();
  }

  acknowledged(packet: AckPacket): void {
    const found = this.inFlight.get(packet.packetId);
    // A message this connection has not carried cannot be acknowledged on it.
    const message = found?.onWire === true ? found : undefined;
    switch (packet.cmd) {
      case 'puback':
        if (message === undefined) return this.stray(packet);
        if (message.qos !== 1) throw outOfOrder(packet, 'a QoS 2 message');
        return this.finish(message, packet);
      case 'pubrec':
        if (message === undefined) return this.stray(packet);
        return this.received(message, packet);
      case 'pubcomp':
        if (message === undefined) return this.stray(packet);
        if (message.phase !== Phase.RELEASED) throw outOfOrder(packet, 'a message that was not released');
        return this.finish(message, packet);
      default:
        throw outOfOrder(packet, 'the sender');
    }
  }

  /** Fails everything: the client has ended. Logged messages stay in the log. */
  close(reason: MqttError): void {
    for (const message of this.abandon()) {
      message.log = undefined;
      message.fail(reason);
    }
  }

  /** Detaches, and removes and returns all open and waiting messages, in order. */
  abandon(): OutgoingPublish[] {
    this.port = undefined;
    this.rate?.reset();
    this.expiry.close();
    return [...this.inFlight.drain(), ...this.outbox.drain()];
  }

  private stray({ cmd, packetId, reasonCode }: AckPacket): void {
    this.strays++;
    // Lets the peer close its half of an exchange unknown to us.
    if (cmd === 'pubrec' && reasonCode < 0x80) this.port?.acknowledge('pubrel', packetId, 0x92);
  }

  private received(message: OutgoingPublish, packet: AckPacket): void {
    if (message.qos !== 2) throw outOfOrder(packet, 'a QoS 1 message');
    if (packet.reasonCode >= 0x80) return this.finish(message, packet);
    const { port, log } = this;
    const isNews = message.phase !== Phase.RELEASED;
    message.phase = Phase.RELEASED;
    if (log === undefined || !isNews) {
      if (message.durable) port?.acknowledge('pubrel', packet.packetId, 0);
      this.options.quarantine?.messageAnswered(message);
      return;
    }
    message.durable = false;
    this.options.quarantine?.messageAnswered(message);
    log.advanced(message, () => {
      message.durable = true;
      if (this.port === port) port?.acknowledge('pubrel', packet.packetId, 0);
      else this.pump();
    });
  }

  private finish(message: OutgoingPublish, packet: AckPacket): void {
    const { packetId, reasonCode, properties } = packet;
    this.inFlight.finish(message);
    this.latency.finished(message);
    // 0x92 in PUBCOMP is no error: the peer had already completed the exchange.
    if (reasonCode < 0x80 || packet.cmd === 'pubcomp') {
      message.succeed({ packetId, qos: message.qos, reasonCode, properties });
    } else {
      message.fail(refusedByBroker(message, reasonCode));
    }
    this.options.quarantine?.messageAnswered(message);
    // First serve those waiting for an identifier, or the pump takes it for the next message.
    this.settled.next();
    this.pump();
  }

  private resendNext(): boolean {
    const { port } = this;
    const again = this.inFlight.resendQueue.peek();
    if (port === undefined || port.congested || again?.durable !== true) return false;
    if (!this.windowIsOpen()) return false;
    if (again.phase === Phase.PUBLISHED && (!this.isAdmitted(again) || this.rate?.admits() === false)) return false;
    this.inFlight.resendQueue.shift();
    // One that was stored for a connection that ended before it went out may have expired since.
    const refusal = again.phase === Phase.PUBLISHED ? (this.expiredOf(again) ?? this.refusalHere(again)) : undefined;
    if (refusal === undefined) {
      this.transmit(again, port);
    } else {
      if (again.sent) this.inFlight.retire(again);
      else this.inFlight.finish(again);
      again.fail(refusal);
      this.holdNextResend();
    }
    return true;
  }

  /** Holds the next resend until the store has forgotten a refused message; a crash would bring that back behind it. */
  private holdNextResend(): void {
    const next = this.inFlight.resendQueue.peek();
    if (this.log === undefined || next === undefined) return;
    next.durable = false;
    this.log.advanced(next, () => {
      next.durable = true;
      this.pump();
    });
  }

  private sendNext(): boolean {
    const head = this.outbox.peek();
    if (head === undefined || !this.maySend(head)) return false;
    this.outbox.shift();
    this.send(head);
    return true;
  }

  /** QoS 0 may pass a full window, but never a resend. */
  private maySend(message: OutgoingPublish): boolean {
    const { port } = this;
    if (port === undefined || port.congested || this.inFlight.resendQueue.size > 0) return false;
    if (!this.isAdmitted(message)) return false;
    if (message.qos > 0 && (!this.windowIsOpen() || this.inFlight.ids.areAllUsed)) return false;
    return this.rate === undefined || this.rate.admits();
  }

  private windowIsOpen(): boolean {
    return this.inFlight.windowUsed < (this.limits?.receiveMaximum ?? 0);
  }

  private isAdmitted(message: OutgoingPublish): boolean {
    return this.options.quarantine?.admitsMessage(message) !== false;
  }

  /** What our own limits do not let through, whatever the broker says. */
  private refusalAtOnce(message: OutgoingPublish): PublishError | undefined {
    const { limits, downgradeQos } = this.options;
    if (limits === undefined) return undefined;
    const { qos = 2 } = limits;
    if (downgradeQos === true && message.qos > qos) message.qos = qos;
    return overLimits(message, limits);
  }

  /** What cannot be sent on this connection. */
  private refusalHere(message: OutgoingPublish): PublishError | undefined {
    const { limits } = this;
    const own = this.options.limits;
    if (limits === undefined) return undefined;
    if (message.triesLeft === 0) return givenUp(message);
    return (
      (own && overLimits(message, own, limits.protocolVersion)) ??
      refusalOf(message, limits) ??
      this.port?.refusal?.(message)
    );
  }

  private send(message: OutgoingPublish): void {
    const { port, log } = this;
    if (port === undefined) return;
    // [MQTT-3.2.2-11]
    const { maximumQoS = 2 } = this.limits ?? {};
    if (message.qos > maximumQoS && this.options.downgradeQos === true) message.qos = maximumQoS;
    const problem = this.expiredOf(message) ?? this.refusalHere(message);
    if (problem !== undefined) return message.fail(problem);
    if (message.qos === 0) {
      this.rate?.passed();
      port.publish(message, false);
      return message.succeed(QOS_0_RECEIPT);
    }
    this.inFlight.begin(message);
    if (log === undefined) return this.transmit(message, port);
    if (message.log === undefined) log.accepted(message);
    message.durable = false;
    this.rate?.reserve();
    const { packetId } = message;
    log.advanced(message, () => this.transmitLogged(message, packetId));
  }

  private expiredOf(message: OutgoingPublish): ExpiredError | undefined {
    return message.acceptedAt === undefined ? undefined : this.expiry.age(message);
  }

  /** The message is persisted now; perhaps under another connection or session than it was meant for. */
  private transmitLogged(message: OutgoingPublish, packetId: number): void {
    const { port } = this;
    // A different identifier means another session, for which it still has to be persisted.
    if (this.inFlight.get(packetId) !== message) return;
    message.durable = true;
    if (port === undefined || message.onWire) return;
    // If a new connection came up meanwhile, it sends the message in order with its resends.
    if (this.inFlight.resendQueue.size === 0) this.transmit(message, port);
    else this.pump();
  }

  private transmit(message: OutgoingPublish, port: SendPort): void {
    message.onWire = true;
    if (message.phase === Phase.RELEASED) return port.acknowledge('pubrel', message.packetId, 0);
    const again = message.sent;
    message.sent = true;
    if (message.triesLeft > 0) message.triesLeft--;
    this.rate?.passed();
    this.latency.started(message);
    if (!again) this.startTimeout(message);
    port.publish(message, again);
  }

  private startTimeout(message: OutgoingPublish): void {
    if (message.ackTimeout > 0) message.startTimeout();
    else if (this.options.stamped === true) message.sentAt = elapsed();
  }

  private loseSession(): void {
    const lost = this.inFlight.drain();
    this.outbox.putBack(resetForRepublish(lost, this.options.onSessionLost));
    // Only now: an observer may publish in response, and that message belongs behind these.
    settleLost(lost);
  }
}
