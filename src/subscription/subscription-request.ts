import type { QoS, RetainHandling, SubscribeProperties } from '../packet/packets.js';

/** How one call of `subscribe()` asked for its filters, checked and with the defaults filled in. */
export interface SubscriptionRequest {
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly manualAck: boolean;
  /** ms for which the broker's subscription is kept after the last observer left. */
  readonly linger: number;
  /** ms that SUBACK may take; undefined where that is left to the client. */
  readonly ackTimeout?: number | undefined;
  readonly properties: SubscribeProperties | undefined;
}

const SHARED_OPTIONS = ['noLocal', 'retainAsPublished', 'retainHandling'] as const;

/** An option that two observers of one filter have to ask for alike, and that is not the same in both requests. */
export function differentOption(a: SubscriptionRequest, b: SubscriptionRequest): keyof SubscriptionRequest | undefined {
  return SHARED_OPTIONS.find((option) => a[option] !== b[option]);
}
