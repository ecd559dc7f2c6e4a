import { PacketReader } from './packet-reader.js';
import type { PacketCommand } from './packets.js';

const WILL = 0x04;
const WILL_OPTIONS = 0x38;
const RESERVED = 0x01;

/**
 * Clears the bits that MQTT 3.1 does not use, in the fixed header, the connect flags and the requested QoS, because
 * mqtt-packet rejects them. Returns a copy, because the frame is read elsewhere, too.
 * @param body - where the variable header begins.
 */
export function withoutUnusedBits(cmd: PacketCommand, frame: Uint8Array, body: number): Uint8Array {
  const copy = new Uint8Array(frame);
  copy[0] = (frame[0] as number) & (cmd === 'connect' ? 0xf0 : 0xf2);
  const reader = new PacketReader(copy, body, copy.length, cmd);
  if (cmd === 'connect') {
    reader.string('protocol name');
    reader.byte('protocol version');
    const flags = reader.byte('connect flags');
    const unused = (flags & WILL) === 0 ? RESERVED | WILL_OPTIONS : RESERVED;
    copy[reader.at - 1] = flags & ~unused;
  } else if (cmd === 'subscribe') {
    reader.uint16('packet identifier');
    while (reader.left > 0) {
      reader.binary('topic filter');
      copy[reader.at] = reader.byte('QoS') & 0x03;
    }
  }
  return copy;
}
