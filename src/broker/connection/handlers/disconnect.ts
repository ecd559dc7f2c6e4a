import { ProtocolError } from '../../../errors.js';
import type { DisconnectPacket } from '../../../packet/packets.js';
import type { BrokerContext } from '../broker-context.js';
import type { Client } from '../connected-client.js';

/**
 * Applies what DISCONNECT says about the session and the will.
 * @throws ProtocolError when it gives an expiry to a session without one.
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
      throw new ProtocolError('DISCONNECT sets a session expiry, but CONNECT had none', { reasonCode: 0x82 });
    }
    session.expiryInterval = Math.min(interval === 0xffffffff ? Infinity : interval, limits.sessionExpiry);
  }
  client.endCode = reasonCode;
  client.how = 'disconnect';
  // [MQTT-3.14.4-3]; on 3.1.1 any DISCONNECT.
  if (reasonCode === 0) client.will = undefined;
}
