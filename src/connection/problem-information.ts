import { ProtocolError } from '../errors.js';
import type { Packet } from '../packet/packets.js';

/**
 * For connections with Request Problem Information 0. PUBLISH, CONNACK and DISCONNECT may carry it all the same.
 * @throws ProtocolError when the packet carries a reason string or user properties but may not [MQTT-3.1.2-29]
 */
export function rejectProblemInformation(packet: Packet): void {
  switch (packet.cmd) {
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
    case 'suback':
    case 'unsuback':
    case 'auth':
      if (packet.properties?.reasonString === undefined && packet.properties?.userProperties === undefined) return;
      throw new ProtocolError(`${packet.cmd.toUpperCase()} carries problem information, which CONNECT turned off`, {
        reasonCode: 0x82,
      });
  }
}
