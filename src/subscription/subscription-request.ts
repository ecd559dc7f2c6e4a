import type { QoS, RetainHandling, SubscribeProperties } from '../packet/packets.js';

/** The options of one `subscribe()` call, checked and with defaults filled in. */
export interface SubscriptionRequest {
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly manualAck: boolean;
  /** How long (ms) to keep the broker's subscription after the last observer has left. */
  readonly linger: number;
  /** ms that SUBACK may take; undefined where that is left to the client. */
  readonly ackTimeout?: number | undefined;
  readonly properties: SubscribeProperties | undefined;
}
