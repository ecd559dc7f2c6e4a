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
  readonly properties: SubscribeProperties | undefined;
}

/** What two observers of one filter have to ask for alike. */
export const SHARED_OPTIONS = ['noLocal', 'retainAsPublished', 'retainHandling'] as const;

export function hasSameOptions(a: SubscriptionRequest, b: SubscriptionRequest): boolean {
  return SHARED_OPTIONS.every((option) => a[option] === b[option]);
}
