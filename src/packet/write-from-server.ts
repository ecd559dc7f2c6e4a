import { generate, writeToStream, type Packet as GeneratedPacket } from 'mqtt-packet';
import { ErrorCode, MqttError } from '../errors.js';
import { checkServerFields, type ServerPacket } from './check-server-fields.js';
import type { ProtocolVersion } from './packets.js';
import { propertiesLength, writeProperties } from './properties.js';
import { checkRemainingLength, varIntLength, writeVarInt } from './var-int.js';
import type { WriteBuffer } from './write-buffer.js';

/** The position in a packet's body of mqtt-packet's zero property length. */
const PROPERTIES_AT = 2;

/**
 * Writes a packet with mqtt-packet, without properties, and inserts the properties at their zero length.
 * @throws MqttError when the packet cannot be sent; nothing is written then.
 */
export function writeFromServer(packet: ServerPacket, out: WriteBuffer, version: ProtocolVersion): void {
  checkServerFields(packet, version);
  const frame = generateFrame(packet, version);
  let bodyStart = 2;
  while ((frame[bodyStart - 1] as number) >= 0x80) bodyStart++;
  const body = frame.subarray(bodyStart);
  if (version !== 5) return out.append(frame);
  const { properties } = packet;
  const length = propertiesLength(properties);
  const remaining = body.length - 1 + varIntLength(length) + length;
  checkRemainingLength(remaining);
  out.reserve(5 + remaining);
  const { bytes } = out;
  bytes[out.position] = frame[0] as number;
  let at = writeVarInt(remaining, bytes, out.position + 1);
  bytes.set(body.subarray(0, PROPERTIES_AT), at);
  at = writeProperties(properties, bytes, writeVarInt(length, bytes, at + PROPERTIES_AT));
  bytes.set(body.subarray(PROPERTIES_AT + 1), at);
  out.position = at + body.length - PROPERTIES_AT - 1;
}

function generateFrame(packet: ServerPacket, version: ProtocolVersion): Uint8Array {
  // Filling the cache would take 34 ms and 16 MB, for a handful of packets per connection.
  if (writeToStream.cacheNumbers) writeToStream.cacheNumbers = false;
  try {
    return generate(translate(packet, version), { protocolVersion: version });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown reason';
    throw new MqttError(`${packet.cmd.toUpperCase()} cannot be sent: ${reason}`, {
      code: ErrorCode.INVALID_OPTION,
      cause,
    });
  }
}

function translate(packet: ServerPacket, version: ProtocolVersion): GeneratedPacket {
  switch (packet.cmd) {
    case 'connack': {
      const { cmd, sessionPresent, reasonCode } = packet;
      return version === 5
        ? { cmd, sessionPresent, reasonCode }
        : { cmd, sessionPresent: sessionPresent && version === 4, returnCode: reasonCode };
    }
    case 'suback':
    case 'unsuback':
      return { cmd: packet.cmd, messageId: packet.packetId, granted: [...packet.reasonCodes] };
  }
}
