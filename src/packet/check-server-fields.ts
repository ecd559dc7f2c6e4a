import { checkCodes, checkPacketId } from './check-fields.js';
import type { Packet, ProtocolVersion } from './packets.js';

/** The packets that only servers send, except PINGRESP, which has no fields. */
export type ServerPacket = Packet & { readonly cmd: 'connack' | 'suback' | 'unsuback' };

/**
 * Checks the fields of a packet that a server sends, which mqtt-packet writes unchecked.
 * @throws MqttError that names the field but does not quote its value.
 */
export function checkServerFields(packet: ServerPacket, version: ProtocolVersion): void {
  switch (packet.cmd) {
    case 'connack':
      return checkCodes([packet.reasonCode], 'CONNACK');
    case 'suback':
      checkPacketId(packet.packetId, 'SUBACK');
      return checkCodes(packet.reasonCodes, 'SUBACK');
    case 'unsuback':
      checkPacketId(packet.packetId, 'UNSUBACK');
      if (version === 5) checkCodes(packet.reasonCodes, 'UNSUBACK');
      return;
  }
}
