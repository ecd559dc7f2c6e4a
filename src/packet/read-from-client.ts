import { wrongFlags } from './fixed-header.js';
import { MqttPacketFrames } from './mqtt-packet-frames.js';
import type { Packet, PacketCommand, ProtocolVersion } from './packets.js';
import { withoutUnusedBits } from './unused-bits.js';
import { validate } from './validate.js';

/**
 * Reads a packet that only clients send.
 * @throws ProtocolError with the reason code for DISCONNECT on MQTT 5.
 */
export function readFromClient(
  cmd: PacketCommand,
  bytes: Uint8Array,
  start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
  mostFilters = Infinity,
): Packet {
  const checked = validate(cmd, bytes, body, end, version, mostFilters);
  // PINGREQ has no fields, and its first byte was checked.
  if (cmd === 'pingreq') return { cmd };
  // [MQTT-2.1.3-1]: the flags of a CONNECT can be checked only once its version is known.
  if (cmd === 'connect' && checked.version !== 3 && bytes[start] !== 0x10) throw wrongFlags(cmd);
  const frame = bytes.subarray(start, end);
  try {
    const strict = checked.version === 3 ? withoutUnusedBits(cmd, frame, body - start) : frame;
    return framesOf(checked.version).read(strict, checked);
  } catch (error) {
    // The parser may hold parts of the failed frame, which must not leak into other connections.
    frames.delete(checked.version);
    throw error;
  }
}

/** Shared by all connections, because each call reads one whole frame and keeps nothing of it. */
const frames = new Map<ProtocolVersion, MqttPacketFrames>();

function framesOf(version: ProtocolVersion): MqttPacketFrames {
  let found = frames.get(version);
  if (found === undefined) frames.set(version, (found = new MqttPacketFrames(version)));
  return found;
}
