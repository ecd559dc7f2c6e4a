import { Subject } from 'rxjs';
import type { MqttError } from '../errors.js';
import type { AckPacket } from '../packet/packets.js';
import { elapsed } from '../rx/clock.js';
import { ExpiryWatch } from './expiry-watch.js';
import { InFlight } from './in-flight.js';
import { LatencyProbe } from './latency-probe.js';
import type { OutgoingLog } from './message-log.js';
import type { Outbox } from './outbox.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';
import { survives } from './retention.js';
import { SendGate } from './send-gate.js';
import { notConnected, notFinished, poisonError, refusedByBroker } from './send-errors.js';
import type { SenderOptions, SendPort } from './sender-options.js';
import { resetForRepublish, settleLost } from './session-loss.js';
import { Transmitter } from './transmitter.js';

/**
 * The sending half of a session: the outbox, the open exchanges, and the peer's window. It outlives connections; {@link
 * attach} binds it to one. Client and broker both use it.
 */
export class Sender {
  readonly inFlight: InFlight;
  private readonly gate: SendGate;
  private readonly transmitter: Transmitter;
  private pumping = false;
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
    const pump = (): void => this.pump();
    this.gate = new SendGate(this.inFlight, options, pump);
    this.transmitter = new Transmitter(this.inFlight, this.gate, this.latency, options, pump);
  }

  /** Messages that expired while waiting. */
  get expired(): number {
    return this.expiry.count;
  }

  /** Nothing waits, and no exchange is open. */
  get idle(): boolean {
    return this.inFlight.size === 0 && this.outbox.size === 0;
  }

  /** Persists every waiting message and every message at QoS 1 and 2 from now on. */
  remember(log: OutgoingLog): void {
    this.transmitter.log = log;
  }

  /** Adds the messages of an earlier process; before the first {@link attach}. */
  restore(open: readonly OutgoingPublish[], queued: readonly OutgoingPublish[]): void {
    for (const message of open) this.inFlight.restore(message);
    this.outbox.putBack(queued);
    for (const message of queued) this.expiry.watch(message);
  }

  /** Sends a message at once if none is ahead of it and the window is open; otherwise queues it. */
  offer(message: OutgoingPublish): void {
    const refusal = this.gate.refusalAtOnce(message);
    if (refusal !== undefined) return message.fail(refusal);
    if (this.outbox.size === 0 && this.gate.admits(message)) return this.send(message);
    if (this.gate.port === undefined && !survives(message, this.options)) return message.fail(notConnected(message));
    this.outbox.offer(message);
    if (message.phase === Phase.SETTLED) return;
    this.transmitter.log?.accepted(message);
    this.expiry.watch(message);
    if (this.queued.observed && this.gate.port !== undefined) this.queued.next();
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
    if (this.settled.observed && this.idle) this.settled.next();
  }

  /** Binds to a connection. Resends the open exchanges, or settles them by policy if the session is gone. */
  attach(port: SendPort, sessionPresent: boolean): void {
    this.gate.open(port);
    this.outbox.offlineSince = undefined;
    // A message that the peer already has continues, even while a suspect holds up the others.
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
    if (this.gate.port === undefined) return;
    this.latency.reset();
    this.gate.close();
    this.outbox.offlineSince = elapsed();
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
    if (this.settled.observed && this.idle) this.settled.next();
  }

  /** Sends one message of the outbox if the window and the socket allow it. */
  sendRateLimited(): void {
    if (this.inFlight.resendQueue.size > 0) return;
    this.sendNext();
    if (this.settled.observed && this.idle) this.settled.next();
  }

  /** @throws ProtocolError when the acknowledgement does not fit its exchange. */
  acknowledged(packet: AckPacket): void {
    const message = this.inFlight.answeredBy(packet);
    if (message === undefined) this.stray(packet);
    else if (packet.cmd === 'pubrec' && packet.reasonCode < 0x80) this.transmitter.release(message);
    else this.finish(message, packet);
  }

  /** Fails everything: the client has ended. Logged messages stay in the log. */
  close(reason: MqttError): void {
    for (const message of this.abandon()) {
      const error = notFinished(message, reason);
      message.log = undefined;
      message.fail(error);
    }
  }

  /** Detaches, and removes and returns all open and waiting messages, in order. */
  abandon(): OutgoingPublish[] {
    this.gate.close();
    this.expiry.close();
    return [...this.inFlight.drain(), ...this.outbox.drain()];
  }

  private stray({ cmd, packetId, reasonCode }: AckPacket): void {
    this.strays++;
    // Lets the peer close its half of an exchange unknown to us.
    if (cmd === 'pubrec' && reasonCode < 0x80) this.gate.port?.acknowledge('pubrel', packetId, 0x92);
  }

  private finish(message: OutgoingPublish, packet: AckPacket): void {
    const { packetId, reasonCode, properties } = packet;
    this.inFlight.finish(message);
    this.latency.finished(message);
    // 0x92 in PUBCOMP is not an error: the peer had already completed the exchange.
    if (reasonCode < 0x80 || packet.cmd === 'pubcomp') {
      message.succeed({ packetId, qos: message.qos, reasonCode, properties });
    } else {
      message.fail(refusedByBroker(message, reasonCode));
    }
    this.options.quarantine?.messageAnswered(message);
    // First serve those waiting for an identifier, or the pump takes it for the next message.
    if (this.settled.observed) this.settled.next();
    this.pump();
  }

  private resendNext(): boolean {
    const { resendQueue } = this.inFlight;
    const { port } = this.gate;
    const again = resendQueue.peek();
    if (port === undefined || again === undefined || !this.gate.admitsResend(again)) return false;
    resendQueue.shift();
    // A message whose connection ended before it was sent may have expired since.
    const refusal = again.phase === Phase.PUBLISHED ? this.refusalOf(again) : undefined;
    if (refusal === undefined) {
      this.transmitter.transmit(again, port);
    } else {
      if (again.sent) this.inFlight.retire(again);
      else this.inFlight.finish(again);
      again.fail(refusal);
      this.transmitter.holdResend();
    }
    return true;
  }

  private sendNext(): boolean {
    const head = this.outbox.peek();
    if (head === undefined || !this.gate.admits(head)) return false;
    this.outbox.shift();
    this.send(head);
    return true;
  }

  private send(message: OutgoingPublish): void {
    const { port } = this.gate;
    if (port === undefined) return;
    this.gate.lowerQos(message);
    const refusal = this.refusalOf(message);
    if (refusal === undefined) this.transmitter.send(message, port);
    else message.fail(refusal);
  }

  private refusalOf(message: OutgoingPublish): MqttError | undefined {
    return this.expiry.age(message) ?? this.gate.refusalHere(message);
  }

  private loseSession(): void {
    const lost = this.inFlight.drain();
    this.outbox.putBack(resetForRepublish(lost, this.options.onSessionLost));
    // Last: an observer may publish in response, and that message belongs behind these.
    settleLost(lost);
  }
}
