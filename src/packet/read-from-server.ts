import type { Side } from './fixed-header.js';
import { malformed, violation } from './malformed.js';
import { PacketReader } from './packet-reader.js';
import type { Packet, PacketCommand, ProtocolVersion } from './packets.js';
import { readPacketId, readProperties } from './read-fields.js';
import { allowedReasonCodes, ReasonCode } from './reason-codes.js';

/**
 * Reads the body of a packet that a server sends, or of DISCONNECT or AUTH, which either side sends. Every field must
 * lie within the packet, every value must be legal, and nothing may follow the last field.
 * @throws ProtocolError with the reason code for DISCONNECT on MQTT 5.
 */
export function readFromServer(
  cmd: PacketCommand,
  bytes: Uint8Array,
  start: number,
  end: number,
  version: ProtocolVersion,
  receiver: Side,
): Packet {
  const reader = new PacketReader(bytes, start, end, cmd);
  const packet = read(cmd, reader, version, receiver);
  requireEnd(cmd, reader);
  return packet;
}

export function requireEnd(cmd: PacketCommand, { left }: PacketReader): void {
  if (left > 0) throw malformed(`${cmd.toUpperCase()} has ${left} bytes behind its last field`);
}

function read(cmd: PacketCommand, reader: PacketReader, version: ProtocolVersion, receiver: Side): Packet {
  switch (cmd) {
    case 'connack':
      return readConnack(reader, version);
    case 'suback':
    case 'unsuback':
      return readAnswer(cmd, reader, version);
    case 'disconnect':
      return readDisconnect(reader, version, receiver);
    case 'auth':
      return readAuth(reader, receiver);
    default:
      return { cmd: 'pingresp' };
  }
}

function readConnack(reader: PacketReader, version: ProtocolVersion): Packet {
  const cmd = 'connack';
  const flags = reader.byte('acknowledge flags');
  const reasonCode = reader.byte('reason code');
  // A 3.1.1 server refuses MQTT 5 with a return code of its own and no property length.
  if (version === 5 && reader.left === 0 && flags === 0 && reasonCode >= 1 && reasonCode <= 5) {
    return { cmd, sessionPresent: false, reasonCode: ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, properties: undefined };
  }
  // In MQTT 3.1 the first byte has no meaning.
  if (version !== 3 && flags > 1) throw malformed('CONNACK has reserved flags set');
  const sessionPresent = version !== 3 && flags === 1;
  if (sessionPresent && reasonCode !== 0) throw violation('CONNACK refuses and yet has session present');
  if (version !== 5) {
    if (reasonCode > 5) throw malformed(`CONNACK has the unknown return code ${reasonCode}`);
    return { cmd, sessionPresent, reasonCode, properties: undefined };
  }
  if (!allowedReasonCodes.connack.server.has(reasonCode)) {
    throw malformed(`CONNACK has the unknown reason code ${reasonCode}`);
  }
  return { cmd, sessionPresent, reasonCode, properties: readProperties(reader, cmd, 'client') };
}

const OLD_SUBACK_CODES: ReadonlySet<number> = new Set([0, 1, 2, 0x80]);

/** One reason code per topic filter; UNSUBACK has none before MQTT 5. */
function readAnswer(cmd: 'suback' | 'unsuback', reader: PacketReader, version: ProtocolVersion): Packet {
  const packetId = readPacketId(reader, cmd);
  const reasonCodes: number[] = [];
  if (cmd === 'unsuback' && version !== 5) return { cmd, packetId, reasonCodes, properties: undefined };
  const properties = version === 5 ? readProperties(reader, cmd, 'client') : undefined;
  const allowed = version === 5 ? allowedReasonCodes[cmd].server : OLD_SUBACK_CODES;
  const name = cmd.toUpperCase();
  if (reader.left === 0) throw violation(`${name} has no reason code`);
  while (reader.left > 0) {
    const code = reader.byte('reason codes');
    if (!allowed.has(code)) throw violation(`${name} has reason code ${code}, which does not belong there`);
    reasonCodes.push(code);
  }
  return { cmd, packetId, reasonCodes, properties };
}

function readDisconnect(reader: PacketReader, version: ProtocolVersion, receiver: Side): Packet {
  const cmd = 'disconnect';
  if (version !== 5 || reader.left === 0) return { cmd, reasonCode: 0, properties: undefined };
  const reasonCode = reader.byte('reason code');
  // A client closes and reports any code; a server needs a valid one to decide about the will.
  if (receiver === 'server' && !allowedReasonCodes.disconnect.client.has(reasonCode)) {
    throw violation(`DISCONNECT has reason code ${reasonCode}, which a client may not send`);
  }
  const properties = reader.left === 0 ? undefined : readProperties(reader, cmd, receiver);
  // [MQTT-3.14.2-2]
  if (receiver === 'client' && properties?.sessionExpiryInterval !== undefined) {
    throw violation('DISCONNECT of a server holds the property sessionExpiryInterval');
  }
  return { cmd, reasonCode, properties };
}

function readAuth(reader: PacketReader, receiver: Side): Packet {
  const cmd = 'auth';
  // A success without properties may be omitted (section 3.15.2.1).
  if (reader.left === 0) return { cmd, reasonCode: 0, properties: undefined };
  const reasonCode = reader.byte('reason code');
  if (!allowedReasonCodes.auth[receiver === 'client' ? 'server' : 'client'].has(reasonCode)) {
    throw violation(`AUTH has reason code ${reasonCode}, which a ${receiver} must not receive`);
  }
  const properties = readProperties(reader, cmd, receiver);
  if (properties?.authenticationMethod === undefined) throw violation('AUTH names no authentication method');
  return { cmd, reasonCode, properties };
}
