import { ProtocolError } from '../../../errors.js';
import type { DisconnectPacket } from '../../../packet/packets.js';
import type { BrokerContext } from '../broker-context.js';
import type { Client } from '../connected-client.js';

/**
 * Takes note of what DISCONNECT says of the session and the will.
 * @throws ProtocolError when it extends a session that was to end with its connection.
 */
export function handleDisconnect(
  { reasonCode, properties }: DisconnectPacket,
  client: Client,
  { limits }: BrokerContext,
): void {
  const { session } = client;
  const interval = properties?.sessionExpiryInterval;
  if (interval !== undefined) {
    if (interval > 0 && session.expiryInterval === 0) {
      throw new ProtocolError('DISCONNECT extends a session that was to end with its connection', { reasonCode: 0x82 });
    }
    session.expiryInterval = Math.min(interval === 0xffffffff ? Infinity : interval, limits.sessionExpiry);
  }
  client.endCode = reasonCode;
  // [MQTT-3.14.4-3], and any DISCONNECT on 3.1.1.
  if (reasonCode === 0) client.will = undefined;
}
