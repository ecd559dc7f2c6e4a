import type { QoS } from '../packet/packets.js';

/** Whether the broker has the subscription. */
export type SubscriptionStatus =
  /** Requested, not answered yet. */
  | 'pending'
  | 'active'
  /** The broker refused. */
  | 'denied'
  /** Not connected, or the broker lost the session. It will be requested again. */
  | 'lost';

/** One filter in `subscriptions$`. */
export interface SubscriptionInfo {
  /** Whether the broker has it. */
  readonly status: SubscriptionStatus;
  /** The QoS that the broker granted. */
  readonly qos?: QoS | undefined;
  /** The SUBACK code. */
  readonly reasonCode?: number | undefined;
  /** The packet identifier of the SUBSCRIBE that was answered; shown by `granted()` and `resubscribe()`. */
  readonly packetId?: number | undefined;
}

export const PENDING: SubscriptionInfo = { status: 'pending' };

/** One object per SUBACK code, shared because there may be very many subscriptions. */
const GRANTED: readonly SubscriptionInfo[] = ([0, 1, 2] as const).map((qos) => ({
  status: 'active',
  qos,
  reasonCode: qos,
}));

/** The broker granted it with this SUBACK code. */
export function grantedWith(reasonCode: number): SubscriptionInfo {
  return GRANTED[reasonCode] ?? { status: 'active', qos: 0, reasonCode };
}
