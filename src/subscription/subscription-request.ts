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
  readonly properties: SubscribeProperties | undefined;
}

const SHARED_OPTIONS = ['noLocal', 'retainAsPublished', 'retainHandling'] as const;

/** The first option that the observers of one filter must share and these requests do not. */
export function differentOption(a: SubscriptionRequest, b: SubscriptionRequest): keyof SubscriptionRequest | undefined {
  return SHARED_OPTIONS.find((option) => a[option] !== b[option]);
}
