import { elapsed } from '../rx/clock.js';
import type { InFlight } from './in-flight.js';
import type { LatencyProbe } from './latency-probe.js';
import type { OutgoingLog } from './message-log.js';
import { Phase, type OutgoingPublish, type PublishReceipt } from './outgoing-publish.js';
import type { SendGate } from './send-gate.js';
import type { SenderOptions, SendPort } from './sender-options.js';

const QOS_0_RECEIPT: PublishReceipt = Object.freeze({ packetId: 0, qos: 0, reasonCode: 0 });

/** Puts messages on the wire. With a log, each step is stored first. */
export class Transmitter {
  log: OutgoingLog | undefined;

  constructor(
    private readonly inFlight: InFlight,
    private readonly gate: SendGate,
    private readonly latency: LatencyProbe,
    private readonly options: SenderOptions,
    /** Called when a step is stored, so that more may be sent. */
    private readonly onStored: () => void,
  ) {}

  /** Sends a message for the first time. */
  send(message: OutgoingPublish, port: SendPort): void {
    const { log } = this;
    const { rate } = this.gate;
    if (message.qos === 0) {
      rate?.passed();
      port.publish(message, false);
      return message.succeed(QOS_0_RECEIPT);
    }
    this.inFlight.begin(message);
    if (log === undefined) return this.transmit(message, port);
    if (message.log === undefined) log.accepted(message);
    message.durable = false;
    rate?.reserve();
    const { packetId } = message;
    log.advanced(message, () => this.transmitStored(message, packetId));
  }

  /** Puts PUBLISH or, past PUBREC, PUBREL on the wire. */
  transmit(message: OutgoingPublish, port: SendPort): void {
    message.onWire = true;
    if (message.phase === Phase.RELEASED) return port.acknowledge('pubrel', message.packetId, 0);
    const again = message.sent;
    message.sent = true;
    if (message.triesLeft > 0) message.triesLeft--;
    this.gate.rate?.passed();
    this.latency.started(message);
    if (!again) this.startTimeout(message);
    port.publish(message, again);
  }

  /** PUBREC has come: answers it with PUBREL. */
  release(message: OutgoingPublish): void {
    const { log, gate } = this;
    const { quarantine } = this.options;
    const { port } = gate;
    const isNews = message.phase !== Phase.RELEASED;
    message.phase = Phase.RELEASED;
    if (log === undefined || !isNews) {
      if (message.durable) port?.acknowledge('pubrel', message.packetId, 0);
      quarantine?.messageAnswered(message);
      return;
    }
    message.durable = false;
    quarantine?.messageAnswered(message);
    log.advanced(message, () => {
      message.durable = true;
      if (gate.port === port) port?.acknowledge('pubrel', message.packetId, 0);
      else this.onStored();
    });
  }

  /** Holds the next resend until the store has deleted a refused message; a crash would bring that back behind it. */
  holdResend(): void {
    const next = this.inFlight.resendQueue.peek();
    if (this.log === undefined || next === undefined) return;
    next.durable = false;
    this.log.advanced(next, () => {
      next.durable = true;
      this.onStored();
    });
  }

  /** The message is stored now, perhaps under another connection or session than it was meant for. */
  private transmitStored(message: OutgoingPublish, packetId: number): void {
    const { port } = this.gate;
    // A different identifier means another session, for which it still has to be stored.
    if (this.inFlight.get(packetId) !== message) return;
    message.durable = true;
    if (port === undefined || message.onWire) return;
    // If a new connection came up meanwhile, it sends the message in order with its resends.
    if (this.inFlight.resendQueue.size === 0) this.transmit(message, port);
    else this.onStored();
  }

  private startTimeout(message: OutgoingPublish): void {
    if (message.ackTimeout > 0) message.startTimeout();
    else if (this.options.stamped === true) message.sentAt = elapsed();
  }
}
