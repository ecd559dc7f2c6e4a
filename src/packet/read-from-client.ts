import { isRetry } from './fixed-header.js';
import { MqttPacketFrames } from './mqtt-packet-frames.js';
import type { Packet, PacketCommand, ProtocolVersion } from './packets.js';
import { validate } from './validate.js';

/**
 * Reads a whole packet that clients alone send.
 * @throws ProtocolError with the reason code that the peer is to be told on MQTT 5.
 */
export function readFromClient(
  cmd: PacketCommand,
  bytes: Uint8Array,
  start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
): Packet {
  const checked = validate(cmd, bytes, body, end, version);
  // It has nothing but its name, which was checked.
  if (cmd === 'pingreq') return { cmd };
  const frame = bytes.subarray(start, end);
  try {
    return framesOf(checked.version).read(checked.version === 3 ? asOfToday(frame) : frame, checked);
  } catch (error) {
    // What it holds of the frame that failed must not get into anybody else's.
    frames.delete(checked.version);
    throw error;
  }
}

/** One for all connections: it is given one whole frame at a time, and keeps nothing of it. */
const frames = new Map<ProtocolVersion, MqttPacketFrames>();

function framesOf(version: ProtocolVersion): MqttPacketFrames {
  let found = frames.get(version);
  if (found === undefined) frames.set(version, (found = new MqttPacketFrames(version)));
  return found;
}

/** Clears the bit by which MQTT 3.1 says that it sends a packet again, which mqtt-packet takes for an error. */
function asOfToday(frame: Uint8Array): Uint8Array {
  const first = frame[0] as number;
  if (!isRetry(first, 3)) return frame;
  const copy = new Uint8Array(frame);
  copy[0] = first & 0xf7;
  return copy;
}
