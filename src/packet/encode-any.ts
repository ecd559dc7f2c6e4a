import { encode, requireProperties } from './encode.js';
import type { Packet, ProtocolVersion } from './packets.js';
import type { WriteBuffer } from './write-buffer.js';
import { writeFromServer } from './write-from-server.js';

/** Always the same, and written as often as a client cares to ask. */
const PINGRESP = new Uint8Array([0xd0, 0]);

/**
 * Writes one packet like {@link encode}, including those that only servers send. Clients do not need it, nor
 * mqtt-packet.
 */
export function encodeAny(packet: Packet, out: WriteBuffer, version: ProtocolVersion): void {
  switch (packet.cmd) {
    case 'connack':
    case 'suback':
    case 'unsuback':
      if (version === 5 && 'properties' in packet) requireProperties(packet.properties, packet.cmd);
      return writeFromServer(packet, out, version);
    case 'pingresp':
      return out.append(PINGRESP);
    default:
      encode(packet, out, version);
  }
}
