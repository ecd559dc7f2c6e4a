import type { PublishError } from '../errors.js';
import type { SendLimits } from '../packet/limits.js';
import type { InFlight } from './in-flight.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';
import { overLimits, tightened } from './publish-limits.js';
import { PublishRate } from './publish-rate.js';
import { refusalOf } from './refusal.js';
import { givenUp } from './send-errors.js';
import type { SenderOptions, SendPort } from './sender-options.js';

/** Decides which messages may be sent at all, which on this connection, and which now. Sends nothing itself. */
export class SendGate {
  /** The live connection. */
  port: SendPort | undefined;
  /** The limits of the connection, tightened by our own. */
  private limits: SendLimits | undefined;
  readonly rate: PublishRate | undefined;

  constructor(
    private readonly inFlight: InFlight,
    private readonly options: SenderOptions,
    /** Called when the rate admits more. */
    onOpen: () => void,
  ) {
    const perSecond = options.limits?.publishRate;
    this.rate = perSecond === undefined ? undefined : new PublishRate(perSecond, onOpen);
  }

  open(port: SendPort): void {
    this.port = port;
    this.limits = tightened(port.limits, this.options.limits);
  }

  close(): void {
    this.port = undefined;
    this.rate?.reset();
  }

  /** Whether a new message may be sent now. QoS 0 may pass a full window, but never a resend. */
  admits(message: OutgoingPublish): boolean {
    const { port, inFlight } = this;
    if (port === undefined || port.congested || inFlight.resendQueue.size > 0) return false;
    if (!this.isTrusted(message)) return false;
    if (message.qos > 0 && (!this.windowIsOpen() || inFlight.ids.areAllUsed)) return false;
    return this.rate === undefined || this.rate.admits();
  }

  /** Whether a message of an earlier connection may be sent again now. PUBREL needs no more than the window. */
  admitsResend(message: OutgoingPublish): boolean {
    const { port } = this;
    if (port === undefined || port.congested || !message.durable || !this.windowIsOpen()) return false;
    return message.phase !== Phase.PUBLISHED || (this.isTrusted(message) && this.rate?.admits() !== false);
  }

  /**
   * Why our own limits refuse a message, before any limits of the broker. Lowers its QoS if the application wants that.
   */
  refusalAtOnce(message: OutgoingPublish): PublishError | undefined {
    const { limits, downgradeQos } = this.options;
    if (limits === undefined) return undefined;
    const { qos = 2 } = limits;
    if (downgradeQos === true && message.qos > qos) message.qos = qos;
    return overLimits(message, limits);
  }

  /** Lowers the QoS of a new message to the peer's maximum if the application wants that. [MQTT-3.2.2-11] */
  lowerQos(message: OutgoingPublish): void {
    const { maximumQoS = 2 } = this.limits ?? {};
    if (message.qos > maximumQoS && this.options.downgradeQos === true) message.qos = maximumQoS;
  }

  /** Why a message cannot be sent on this connection; undefined if it can. */
  refusalHere(message: OutgoingPublish): PublishError | undefined {
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

  private windowIsOpen(): boolean {
    return this.inFlight.windowUsed < (this.limits?.receiveMaximum ?? 0);
  }

  private isTrusted(message: OutgoingPublish): boolean {
    return this.options.quarantine?.admitsMessage(message) !== false;
  }
}
