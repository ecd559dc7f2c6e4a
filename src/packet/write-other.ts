import type { ServerPacket } from './check-server-fields.js';
import type { ProtocolVersion } from './packets.js';
import { writeFromClient, type ClientPacket } from './write-from-client.js';
import { writeFromServer } from './write-from-server.js';
import type { WriteBuffer } from './write-buffer.js';

/**
 * Writes a packet that has no lane of its own, whichever side sends it.
 * @throws MqttError when the packet cannot be sent; nothing is written then.
 */
export function writeOther(packet: ClientPacket | ServerPacket, out: WriteBuffer, version: ProtocolVersion): void {
  switch (packet.cmd) {
    case 'connack':
    case 'suback':
    case 'unsuback':
    case 'pingresp':
      return writeFromServer(packet, out, version);
    default:
      writeFromClient(packet, out, version);
  }
}
