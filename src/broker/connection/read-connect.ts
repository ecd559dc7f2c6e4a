import { ProtocolError } from '../../errors.js';
import type { ConnectPacket, Packet } from '../../packet/packets.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import { refuse } from './connack.js';

/** Checks the first packet of a connection. @throws ProtocolError unless it is CONNECT [MQTT-3.1.0-1]. */
export function readConnect(packet: Packet): ConnectPacket {
  if (packet.cmd !== 'connect') throw new ProtocolError('the first packet is not CONNECT', { reasonCode: 0x82 });
  return packet;
}

/**
 * Refuses an unacceptable CONNECT in the protocol version that the client is likely to understand.
 * @param head - its first bytes.
 */
export function refuseUnreadable(connection: AcceptedConnection, head: Uint8Array, reasonCode: number): void {
  // An unknown version is refused as in 3.1.1 [v4 MQTT-3.1.2-2]: the client may not understand MQTT 5.
  if (reasonCode === 0x84) return refuse(connection, 4, reasonCode);
  if (announcesVersion5(head)) refuse(connection, 5, reasonCode);
}

function announcesVersion5(head: Uint8Array): boolean {
  let at = 1;
  while (at < 4 && (head[at] ?? 0) >= 0x80) at++;
  const name = [0, 4, 0x4d, 0x51, 0x54, 0x54, 5];
  return name.every((byte, index) => head[at + 1 + index] === byte);
}
