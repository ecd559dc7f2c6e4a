import { requireProperties } from './check-properties.js';
import { encode } from './encode.js';
import type { Packet, ProtocolVersion } from './packets.js';
import type { WriteBuffer } from './write-buffer.js';
import { writeFromServer } from './write-from-server.js';

/** Encoded once, because a server may write it very often. */
const PINGRESP = new Uint8Array([0xd0, 0]);

/**
 * Writes one packet like {@link encode}, including those that only servers send, with mqtt-packet. Clients do not load
 * it.
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
