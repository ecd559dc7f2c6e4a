import type { QoS } from '../packet/packets.js';

/**
 * Which requests survive a lost connection and may be made while offline; all others error with `ConnectError`.
 * - `'all'`: everything (AWS CRT: PreserveAll).
 * - `'acknowledged'`: everything a broker acknowledges: QoS 1 and 2, subscribe, unsubscribe (PreserveAcknowledged).
 * - `'qos1'`: publishes at QoS 1 and 2 (PreserveQos1PlusPublishes).
 * - `'nothing'` (PreserveNothing). The standard still requires a sent message to be resent in a resumed session, but
 *   its Observable does not wait for that.
 *
 * Granted subscriptions survive with every setting.
 */
export type Retention = 'all' | 'acknowledged' | 'qos1' | 'nothing';

export interface RetentionOptions {
  readonly retention?: Retention | undefined;
  /** Whether QoS 0 messages wait while offline. Default true. */
  readonly qos0?: boolean | undefined;
}

/** Whether a message may wait for the next connection. */
export function survives(message: { readonly qos: QoS }, options: RetentionOptions): boolean {
  const { retention = 'all', qos0 = true } = options;
  if (retention === 'nothing') return false;
  return message.qos > 0 || (retention === 'all' && qos0);
}
