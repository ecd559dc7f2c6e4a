import { ErrorCode, MqttError } from '../errors.js';

/** The largest variable byte integer, and so the largest remaining length (section 1.5.5). */
export const VAR_INT_MAX = 268_435_455;

/** The size of the integer in bytes; the smallest possible [MQTT-1.5.5-1]. */
export function varIntLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return 4;
}

/** Writes the integer and returns the end position. */
export function writeVarInt(value: number, bytes: Uint8Array, at: number): number {
  while (value >= 0x80) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

/** @throws MqttError for a packet above the protocol's limit (section 2.1.4). */
export function checkRemainingLength(remaining: number): void {
  if (remaining <= VAR_INT_MAX) return;
  throw new MqttError(`Packet cannot be sent: it has ${remaining} bytes; MQTT allows at most ${VAR_INT_MAX}`, {
    code: ErrorCode.PACKET_TOO_LARGE,
  });
}
