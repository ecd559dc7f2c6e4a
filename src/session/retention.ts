import type { QoS } from '../packet/packets.js';

/**
 * What outlives a lost connection, and what may be asked for while there is none; the rest errors with `ConnectError`.
 * - `'all'`: everything (AWS CRT: PreserveAll).
 * - `'acknowledged'`: what a broker acknowledges: QoS 1 and 2, subscribe, unsubscribe (PreserveAcknowledged).
 * - `'qos1'`: publishes at QoS 1 and 2 (PreserveQos1PlusPublishes).
 * - `'nothing'` (PreserveNothing). A message that was sent is still sent again in a resumed session, as the standard
 *   demands; only its Observable does not wait for that.
 *
 * Subscriptions that the broker has granted survive with each of them.
 */
export type Retention = 'all' | 'acknowledged' | 'qos1' | 'nothing';

export interface RetentionOptions {
  readonly retention?: Retention | undefined;
  /** Whether QoS 0 waits while there is no connection. Default true. */
  readonly qos0?: boolean | undefined;
}

/** Whether a message may wait for the next connection. */
export function survives(message: { readonly qos: QoS }, options: RetentionOptions): boolean {
  const { retention = 'all', qos0 = true } = options;
  if (retention === 'nothing') return false;
  return message.qos > 0 || (retention === 'all' && qos0);
}
