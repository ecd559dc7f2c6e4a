import type { Side } from './fixed-header.js';
import { malformed, violation } from './malformed.js';
import { PacketReader } from './packet-reader.js';
import type { AckCommand, AckPacket, ProtocolVersion } from './packets.js';
import { allowedReasonCodes } from './reason-codes.js';
import { readPacketId, readProperties } from './read-fields.js';

/**
 * Reads PUBACK, PUBREC, PUBREL or PUBCOMP. Most have a packet identifier and nothing else.
 * @throws ProtocolError, as the readers of the other packets do.
 */
export function readAck(
  cmd: AckCommand,
  bytes: Uint8Array,
  start: number,
  end: number,
  version: ProtocolVersion,
  receiver: Side,
): AckPacket {
  if (end - start !== 2) return readLongAck(cmd, bytes, start, end, version, receiver);
  const packetId = ((bytes[start] as number) << 8) | (bytes[start + 1] as number);
  if (packetId === 0) throw violation(`${cmd.toUpperCase()} has packet identifier 0`);
  return { cmd, packetId, reasonCode: 0, properties: undefined };
}

/** Reads an acknowledgement with a reason code, and perhaps properties (sections 3.4.2.1 and 3.4.2.2.1). */
function readLongAck(
  cmd: AckCommand,
  bytes: Uint8Array,
  start: number,
  end: number,
  version: ProtocolVersion,
  receiver: Side,
): AckPacket {
  const name = cmd.toUpperCase();
  const reader = new PacketReader(bytes, start, end, cmd);
  const packetId = readPacketId(reader, cmd);
  if (version !== 5) throw malformed(`${name} has bytes behind its packet identifier`);
  const reasonCode = reader.byte('reason code');
  if (!allowedReasonCodes[cmd][receiver === 'client' ? 'server' : 'client'].has(reasonCode)) {
    throw violation(`${name} has reason code ${reasonCode}, which a ${receiver} is not sent`);
  }
  const properties = reader.left === 0 ? undefined : readProperties(reader, cmd, receiver);
  if (reader.left > 0) throw malformed(`${name} has bytes behind its properties`);
  return { cmd, packetId, reasonCode, properties };
}
