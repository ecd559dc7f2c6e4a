import { encode, requireProperties } from './encode.js';
import type { Packet, ProtocolVersion } from './packets.js';
import type { WriteBuffer } from './write-buffer.js';
import { writeFromServer } from './write-from-server.js';

/**
 * Writes one packet like {@link encode}, including those that only servers send. Clients do not need it, nor
 * mqtt-packet.
 */
export function encodeAny(packet: Packet, out: WriteBuffer, version: ProtocolVersion): void {
  switch (packet.cmd) {
    case 'connack':
    case 'suback':
    case 'unsuback':
    case 'pingresp':
      if (version === 5 && 'properties' in packet) requireProperties(packet.properties, packet.cmd);
      return writeFromServer(packet, out, version);
    default:
      encode(packet, out, version);
  }
}
