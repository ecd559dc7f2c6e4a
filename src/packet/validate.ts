import { malformed, violation } from './malformed.js';
import { PacketReader } from './packet-reader.js';
import type { PacketCommand, Properties, ProtocolVersion } from './packets.js';
import { readPacketId, readProperties } from './read-fields.js';
import { requireEnd } from './read-from-server.js';
import { ReasonCode } from './reason-codes.js';

/** The parts of a packet that the validation has read. */
export interface Checked {
  /** The version of the packet: for a CONNECT, the one it announces. */
  readonly version: ProtocolVersion;
  /** A CONNECT of another broker; see `ConnectPacket`. */
  readonly bridge?: true | undefined;
  readonly properties: Properties | undefined;
  readonly willProperties: Properties | undefined;
}

/**
 * Validates the body of a packet that only clients send: every field within the packet, every value legal, nothing
 * after the last field.
 * @param mostFilters - the limit for SUBSCRIBE and UNSUBSCRIBE, whose cost grows with their filters.
 * @throws ProtocolError with the reason code for DISCONNECT on MQTT 5.
 */
export function validate(
  cmd: PacketCommand,
  bytes: Uint8Array,
  start: number,
  end: number,
  version: ProtocolVersion,
  mostFilters: number,
): Checked {
  const reader = new PacketReader(bytes, start, end, cmd);
  const checked = check(cmd, reader, version, mostFilters);
  requireEnd(cmd, reader);
  return checked;
}

function check(cmd: PacketCommand, reader: PacketReader, version: ProtocolVersion, mostFilters: number): Checked {
  switch (cmd) {
    case 'connect':
      return checkConnect(reader);
    case 'subscribe':
      return checkSubscribe(reader, version, mostFilters);
    case 'unsubscribe':
      return checkUnsubscribe(reader, version, mostFilters);
    default:
      return plain(version);
  }
}

function plain(version: ProtocolVersion, properties?: Properties): Checked {
  return { version, properties, willProperties: undefined };
}

function checkConnect(reader: PacketReader): Checked {
  const protocol = reader.string('protocol name');
  const level = reader.byte('protocol version');
  // Mosquitto sets the high bit of 3.1 and 3.1.1 on its bridges.
  const bridge = level === 0x83 || level === 0x84 ? true : undefined;
  const version = versionOf(protocol, bridge ? level & 0x7f : level);
  const flags = reader.byte('connect flags');
  const hasWill = (flags & 0x04) !== 0;
  // [MQTT-3.1.2-3], [MQTT-3.1.2-11], [MQTT-3.1.2-12], [MQTT-3.1.2-13]; MQTT 3.1 ignores these bits.
  if (version !== 3 && (flags & 0x01) !== 0) throw malformed('CONNECT has its reserved flag set');
  if (version !== 3 && !hasWill && (flags & 0x38) !== 0) {
    throw malformed('CONNECT has will QoS or will retain without a will');
  }
  if (hasWill && (flags & 0x18) === 0x18) throw malformed('CONNECT has will QoS 3');
  // 3.1.1 [MQTT-3.1.2-22]; MQTT 5 allows it.
  if (version !== 5 && (flags & 0xc0) === 0x40) throw malformed('CONNECT has a password without a user name');
  reader.uint16('keep alive');
  const properties = version === 5 ? readProperties(reader, 'connect', 'server') : undefined;
  reader.string('client identifier');
  let willProperties: Properties | undefined;
  if (hasWill) {
    if (version === 5) willProperties = readProperties(reader, 'will', 'server');
    if (!/^[^+#]+$/s.test(reader.string('will topic')))
      throw malformed('CONNECT has a will topic that is not a topic name');
    reader.binary('will payload');
  }
  if ((flags & 0x80) !== 0) reader.string('user name');
  if ((flags & 0x40) !== 0) reader.binary('password');
  return { version, bridge, properties, willProperties };
}

/** [MQTT-3.1.2-1], [MQTT-3.1.2-2] */
function versionOf(protocol: string, level: number): ProtocolVersion {
  if (protocol === 'MQTT' && (level === 4 || level === 5)) return level;
  if (protocol === 'MQIsdp' && level === 3) return level;
  throw violation('CONNECT asks for an unknown protocol or version', ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
}

function checkSubscribe(reader: PacketReader, version: ProtocolVersion, mostFilters: number): Checked {
  readPacketId(reader, 'subscribe');
  const properties = version === 5 ? readProperties(reader, 'subscribe', 'server') : undefined;
  if (reader.left === 0) throw violation('SUBSCRIBE has no topic filter');
  for (let count = 1; reader.left > 0; count++) {
    if (count > mostFilters) throw tooManyFilters('SUBSCRIBE', mostFilters);
    const filter = reader.string('topic filter');
    const options = reader.byte('subscription options');
    if (version !== 5) {
      // The upper six bits are not used in MQTT 3.1.
      if ((version === 3 ? options & 0x03 : options) > 2)
        throw malformed('SUBSCRIBE asks for a QoS above 2 or has reserved bits set');
      continue;
    }
    if ((options & 0xc0) !== 0) throw malformed('SUBSCRIBE has reserved bits set in its options');
    if ((options & 0x03) === 3) throw violation('SUBSCRIBE asks for QoS 3');
    if ((options & 0x30) === 0x30) throw violation('SUBSCRIBE asks for retain handling 3');
    // [MQTT-3.8.3-4]
    if ((options & 0x04) !== 0 && filter.startsWith('$share/')) {
      throw violation('SUBSCRIBE asks for no local on a shared subscription');
    }
  }
  return plain(version, properties);
}

function checkUnsubscribe(reader: PacketReader, version: ProtocolVersion, mostFilters: number): Checked {
  readPacketId(reader, 'unsubscribe');
  const properties = version === 5 ? readProperties(reader, 'unsubscribe', 'server') : undefined;
  if (reader.left === 0) throw violation('UNSUBSCRIBE has no topic filter');
  for (let count = 1; reader.left > 0; count++) {
    if (count > mostFilters) throw tooManyFilters('UNSUBSCRIBE', mostFilters);
    reader.string('topic filter');
  }
  return plain(version, properties);
}

function tooManyFilters(packet: string, most: number): Error {
  return violation(`${packet} has more than ${most} topic filters`, ReasonCode.QUOTA_EXCEEDED);
}
