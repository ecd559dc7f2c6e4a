import { asyncScheduler, Subject } from 'rxjs';
import type { ExpiredError, MqttError, PublishError } from '../errors.js';
import type { SendLimits } from '../packet/limits.js';
import type { AckPacket } from '../packet/packets.js';
import { ExpiryWatch } from './expiry-watch.js';
import { InFlight } from './in-flight.js';
import { LatencyProbe } from './latency-probe.js';
import type { OutgoingLog } from './message-log.js';
import type { Outbox } from './outbox.js';
import { Phase, type OutgoingPublish, type PublishReceipt } from './outgoing-publish.js';
import { PoisonGuard } from './poison-guard.js';
import { overLimits, tightened } from './publish-limits.js';
import { PublishRate } from './publish-rate.js';
import { refusalOf } from './refusal.js';
import { survives } from './retention.js';
import { publishedAnew, settleLost } from './session-loss.js';
import { notConnected, outOfOrder, poisonous, refusedByBroker } from './send-errors.js';
import type { SenderOptions, SendPort } from './sender-options.js';

const QOS_0_RECEIPT: PublishReceipt = Object.freeze({ packetId: 0, qos: 0, reasonCode: 0 });

/**
 * The sending half of a session: the outbox, the exchanges that are open, and the window that the peer allows.
 * It outlives connections; {@link attach} binds it to one. Client and broker both use it.
 */
export class Sender {
  /** What was sent and is not acknowledged yet. */
  readonly inFlight = new InFlight();
  private port: SendPort | undefined;
  /** Of the port, and our own. */
  private limits: SendLimits | undefined;
  private readonly rate: PublishRate | undefined;
  private pumping = false;
  private log: OutgoingLog | undefined;
  private readonly expiry: ExpiryWatch;
  private readonly guard = new PoisonGuard();
  /** Acknowledgements that belonged to nothing. */
  strays = 0;
  /** Messages that the broker ended the connection over. */
  poisoned = 0;
  readonly latency = new LatencyProbe();

  private readonly settled = new Subject<void>();
  /** Emits after each acknowledgement, when a packet identifier is free, and whenever nothing is left to do. */
  readonly settled$ = this.settled.asObservable();
  private readonly queued = new Subject<void>();
  /** Emits when a message has to wait although there is a connection. */
  readonly queued$ = this.queued.asObservable();

  constructor(
    readonly outbox: Outbox,
    private readonly options: SenderOptions = {},
  ) {
    this.expiry = new ExpiryWatch(outbox);
    const perSecond = options.limits?.publishRate;
    this.rate = perSecond === undefined ? undefined : new PublishRate(perSecond, () => this.pump());
  }

  /** Messages that expired while they waited. */
  get expired(): number {
    return this.expiry.count;
  }

  /** Nothing waits, and nothing is open. */
  get idle(): boolean {
    return this.inFlight.size === 0 && this.outbox.size === 0;
  }

  /** From now on every message at QoS 1 and 2, and every one that waits, is remembered there. */
  remember(log: OutgoingLog): void {
    this.log = log;
  }

  /** Takes over what an earlier process left; before the first {@link attach}. */
  restore(open: readonly OutgoingPublish[], queued: readonly OutgoingPublish[]): void {
    for (const message of open) this.inFlight.restore(message);
    this.outbox.putBack(queued);
    for (const message of queued) this.expiry.watch(message);
  }

  /** Takes a message: sends it at once where nothing is ahead of it and the window is open, else it waits. */
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

  /** Sends a QoS 0 message past everything that waits for the window; only where the socket has room. */
  sendUnqueued(message: OutgoingPublish): void {
    this.send(message);
  }

  /** Gives up a message. One that was sent finishes its handshake, but nobody hears of it. */
  cancel(message: OutgoingPublish): void {
    if (message.phase === Phase.SETTLED) return;
    if (message.phase > Phase.QUEUED) {
      message.forget();
      return;
    }
    this.outbox.cancel(message);
    if (this.idle) this.settled.next();
  }

  /** Binds to a connection. What was open is sent again, or settled as the policy says when the session is gone. */
  attach(port: SendPort, sessionPresent: boolean): void {
    this.port = port;
    this.limits = tightened(port.limits, this.options.limits);
    this.inFlight.rewind();
    this.guard.begin();
    if (!sessionPresent) this.loseSession();
    this.pump();
  }

  /** A connection was lost over which nothing was sent. */
  connectFailed(): void {
    this.guard.connectFailed();
  }

  /** The connection is gone. `reason` says why, where it is known, and is told to those who do not wait for another. */
  detach(reason?: MqttError): void {
    if (this.port === undefined) return;
    this.latency.reset();
    this.port = undefined;
    this.rate?.reset();
    const poison = this.options.guarded === false ? undefined : this.guard.end(this.inFlight, reason);
    if (poison !== undefined) this.setAside(poison, reason);
    if (this.options.retention === undefined || this.options.retention === 'all') return;
    for (const message of this.outbox.takeIf((waiting) => !survives(waiting, this.options))) {
      message.fail(notConnected(message, reason));
    }
    if (this.options.retention !== 'nothing') return;
    for (const message of [...this.inFlight]) message.tell(notConnected(message, reason));
  }

  /** Sends what the window and the socket allow: first what is sent again, then the outbox. */
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

  /** Sends one message of the outbox, if the window and the socket allow it; for an outbox that drains at a given rate. */
  sendRateLimited(): void {
    if (this.inFlight.resendQueue.size > 0) return;
    this.sendNext();
    if (this.idle) this.settled.next();
  }

  /** PUBACK, PUBREC or PUBCOMP came in. */
  acknowledged(packet: AckPacket): void {
    const found = this.inFlight.get(packet.packetId);
    // What this connection has not seen cannot be acknowledged on it.
    const message = found?.onWire === true ? found : undefined;
    switch (packet.cmd) {
      case 'puback':
        if (message === undefined) return this.stray();
        if (message.qos !== 1) throw outOfOrder(packet, 'a QoS 2 message');
        return this.finish(message, packet);
      case 'pubrec':
        return this.received(message, packet);
      case 'pubcomp':
        if (message === undefined) return this.stray();
        if (message.phase !== Phase.RELEASED) throw outOfOrder(packet, 'a message that was not released');
        return this.finish(message, packet);
      default:
        throw outOfOrder(packet, 'the sender');
    }
  }

  /** Settles everything with an error; the client has ended. What is remembered in a log stays there. */
  close(reason: MqttError): void {
    for (const message of this.abandon()) {
      message.log = undefined;
      message.fail(reason);
    }
  }

  /** Everything that is open or waits, in order; the sender is detached and forgets it. */
  abandon(): OutgoingPublish[] {
    this.port = undefined;
    this.rate?.reset();
    this.expiry.close();
    return [...this.inFlight.drain(), ...this.outbox.drain()];
  }

  private received(message: OutgoingPublish | undefined, packet: AckPacket): void {
    if (message === undefined) {
      this.stray();
      // Lets the peer end its half of an exchange that we know nothing of.
      if (packet.reasonCode < 0x80) this.port?.acknowledge('pubrel', packet.packetId, 0x92);
      return;
    }
    if (message.qos !== 2) throw outOfOrder(packet, 'a QoS 1 message');
    if (packet.reasonCode >= 0x80) return this.finish(message, packet);
    this.guard.progress();
    const { port, log } = this;
    const isNews = message.phase !== Phase.RELEASED;
    message.phase = Phase.RELEASED;
    if (log === undefined || !isNews) {
      if (message.durable) port?.acknowledge('pubrel', packet.packetId, 0);
      return;
    }
    message.durable = false;
    log.advanced(message, () => {
      message.durable = true;
      if (this.port === port) port?.acknowledge('pubrel', packet.packetId, 0);
      else this.pump();
    });
  }

  private finish(message: OutgoingPublish, packet: AckPacket): void {
    const { packetId, reasonCode, properties } = packet;
    this.inFlight.finish(message);
    this.guard.progress();
    this.latency.finished(message);
    // 0x92 in PUBCOMP is not an error: the peer had finished the exchange before.
    if (reasonCode < 0x80 || packet.cmd === 'pubcomp') {
      message.succeed({ packetId, qos: message.qos, reasonCode, properties });
    } else {
      message.fail(refusedByBroker(message, reasonCode));
    }
    // First of all to those who wait for an identifier: the pump would take it for the next message.
    this.settled.next();
    this.pump();
  }

  private resendNext(): boolean {
    const { port } = this;
    const again = this.inFlight.resendQueue.peek();
    if (port === undefined || port.congested || again?.durable !== true) return false;
    if (!this.windowIsOpen()) return false;
    if (again.phase === Phase.PUBLISHED && this.rate?.admits() === false) return false;
    this.inFlight.resendQueue.shift();
    // One that was stored for a connection that ended before it went out may have expired since.
    const refusal = again.phase === Phase.PUBLISHED ? (this.expiredOf(again) ?? this.refusalHere(again)) : undefined;
    if (refusal === undefined) {
      this.transmit(again, port);
    } else {
      this.inFlight.finish(again);
      again.fail(refusal);
    }
    return true;
  }

  private sendNext(): boolean {
    const head = this.outbox.peek();
    if (head === undefined || !this.maySend(head)) return false;
    this.outbox.shift();
    this.send(head);
    return true;
  }

  /** QoS 0 passes a full window, but nothing passes what is sent again. */
  private maySend(message: OutgoingPublish): boolean {
    const { port } = this;
    if (port === undefined || port.congested || this.inFlight.resendQueue.size > 0) return false;
    // A suspect travels alone; when the session was lost, it is the first of the outbox.
    if (this.guard.isolating && this.inFlight.size > 0) return false;
    if (message.qos > 0 && (!this.windowIsOpen() || this.inFlight.ids.areAllUsed)) return false;
    return this.rate === undefined || this.rate.admits();
  }

  private windowIsOpen(): boolean {
    return this.inFlight.windowUsed < (this.guard.isolating ? 1 : (this.limits?.receiveMaximum ?? 0));
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
    return (own && overLimits(message, own, limits.protocolVersion)) ?? refusalOf(message, limits);
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
    return message.acceptedAt < 0 ? undefined : this.expiry.age(message);
  }

  /** It is remembered now; perhaps on another connection than the one for which it was meant, or for another session. */
  private transmitLogged(message: OutgoingPublish, packetId: number): void {
    const { port } = this;
    // With another identifier it belongs to another session, and waits to be remembered for that one.
    if (this.inFlight.get(packetId) !== message) return;
    message.durable = true;
    if (port === undefined || message.onWire) return;
    // A connection that came in between sends it in its turn, with all that are sent again.
    if (this.inFlight.resendQueue.size === 0) this.transmit(message, port);
    else this.pump();
  }

  private transmit(message: OutgoingPublish, port: SendPort): void {
    message.onWire = true;
    if (message.phase === Phase.RELEASED) return port.acknowledge('pubrel', message.packetId, 0);
    const again = message.sent;
    message.sent = true;
    this.rate?.passed();
    this.latency.started(message);
    if (!again) this.startTimeout(message);
    port.publish(message, again);
  }

  private startTimeout(message: OutgoingPublish): void {
    if (message.ackTimeout > 0) message.startTimeout();
    else if (this.options.stamped === true) message.sentAt = asyncScheduler.now();
  }

  private loseSession(): void {
    const lost = this.inFlight.drain();
    this.outbox.putBack(publishedAnew(lost, this.options.onSessionLost));
    // Only now, because whoever hears of it may publish, and belongs behind what was put back.
    settleLost(lost);
  }

  private setAside(message: OutgoingPublish, reason: MqttError | undefined): void {
    this.poisoned++;
    this.inFlight.finish(message);
    message.fail(poisonous(message, reason));
  }

  private stray(): void {
    this.strays++;
  }
}
