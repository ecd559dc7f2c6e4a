import type { QoS } from '../packet/packets.js';

/** Whether the broker has the subscription. */
export type SubscriptionStatus =
  /** Asked for; no answer yet. */
  | 'pending'
  | 'active'
  /** The broker refused. */
  | 'denied'
  /** There is no connection, or the broker lost the session; it will be asked for again. */
  | 'lost';

/** What is seen of a filter in `subscriptions$`. */
export interface SubscriptionInfo {
  readonly status: SubscriptionStatus;
  /** What the broker granted. */
  readonly qos?: QoS | undefined;
  /** The code of SUBACK. */
  readonly reasonCode?: number | undefined;
  /** The packet identifier of the SUBSCRIBE that was answered; shown by `granted()` and `resubscribe()`. */
  readonly packetId?: number | undefined;
}

export const PENDING: SubscriptionInfo = { status: 'pending' };

/** What the broker grants with each code of SUBACK. All subscriptions share these, because there may be very many. */
const GRANTED: readonly SubscriptionInfo[] = ([0, 1, 2] as const).map((qos) => ({
  status: 'active',
  qos,
  reasonCode: qos,
}));

/** The broker said yes with this code of SUBACK. */
export function grantedWith(reasonCode: number): SubscriptionInfo {
  return GRANTED[reasonCode] ?? { status: 'active', qos: 0, reasonCode };
}
