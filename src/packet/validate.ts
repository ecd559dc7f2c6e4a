import { malformed, violation } from './malformed.js';
import { PacketReader } from './packet-reader.js';
import type { PacketCommand, Properties, ProtocolVersion } from './packets.js';
import { decodeProperties } from './properties.js';
import type { PropertyCarrier } from './property-table.js';
import { allowedReasonCodes, ReasonCode } from './reason-codes.js';
import type { Side } from './fixed-header.js';

/** What the check of a packet has read of it on the way. */
export interface Checked {
  /** The version that the packet is in: for a CONNECT, the one that it announces. */
  readonly version: ProtocolVersion;
  readonly properties: Properties | undefined;
  readonly willProperties: Properties | undefined;
  /** Of DISCONNECT and AUTH. */
  readonly reasonCode: number;
}

type Check = (reader: PacketReader, version: ProtocolVersion, receiver: Side) => Checked;

/**
 * One check for each packet that has no lane of its own in the decoder. A check walks the whole packet: every field
 * inside the packet's bounds, every value legal, nothing behind the last field.
 */
const checks: Partial<Record<PacketCommand, Check>> = {
  connect: checkConnect,
  connack: checkConnack,
  subscribe: checkSubscribe,
  suback: checkSuback,
  unsubscribe: checkUnsubscribe,
  unsuback: checkUnsuback,
  pingreq: checkEmpty,
  pingresp: checkEmpty,
  disconnect: checkDisconnect,
  auth: checkAuth,
};

/**
 * Checks the body of a packet.
 * @throws ProtocolError with the reason code that the peer is to be told on MQTT 5.
 */
export function validate(
  cmd: PacketCommand,
  bytes: Uint8Array,
  start: number,
  end: number,
  version: ProtocolVersion,
  receiver: Side,
): Checked {
  const reader = new PacketReader(bytes, start, end, cmd);
  const checked = checks[cmd]?.(reader, version, receiver) ?? plain(version);
  if (reader.left > 0) throw malformed(`${cmd.toUpperCase()} has ${reader.left} bytes behind its last field`);
  return checked;
}

/** Reads the length of the properties and the properties; undefined where there are none. */
export function readProperties(reader: PacketReader, carrier: PropertyCarrier): Properties | undefined {
  const length = reader.varInt('property length');
  if (length > reader.left) throw malformed(`${carrier.toUpperCase()} ends within its properties`);
  const start = reader.at;
  reader.at = start + length;
  return length === 0 ? undefined : decodeProperties(reader.bytes, start, reader.at, carrier);
}

/** A packet identifier, which is never 0 [MQTT-2.2.1-3]. */
export function readPacketId(reader: PacketReader, cmd: PacketCommand): number {
  const packetId = reader.uint16('packet identifier');
  if (packetId === 0) throw violation(`${cmd.toUpperCase()} has packet identifier 0`);
  return packetId;
}

function plain(version: ProtocolVersion, properties?: Properties, reasonCode = 0): Checked {
  return { version, properties, willProperties: undefined, reasonCode };
}

function checkEmpty(_reader: PacketReader, version: ProtocolVersion): Checked {
  return plain(version);
}

function checkConnect(reader: PacketReader): Checked {
  const protocol = reader.string('protocol name');
  const level = reader.byte('protocol version');
  const version = versionOf(protocol, level);
  const flags = reader.byte('connect flags');
  const hasWill = (flags & 0x04) !== 0;
  // [MQTT-3.1.2-3], [MQTT-3.1.2-11], [MQTT-3.1.2-12], [MQTT-3.1.2-13]
  if ((flags & 0x01) !== 0) throw malformed('CONNECT has its reserved flag set');
  if (!hasWill && (flags & 0x38) !== 0) throw malformed('CONNECT has will QoS or will retain without a will');
  if ((flags & 0x18) === 0x18) throw malformed('CONNECT has will QoS 3');
  // 3.1.1 [MQTT-3.1.2-22]; MQTT 5 allows it.
  if (version !== 5 && (flags & 0xc0) === 0x40) throw malformed('CONNECT has a password without a user name');
  reader.uint16('keep alive');
  const properties = version === 5 ? readProperties(reader, 'connect') : undefined;
  reader.string('client identifier');
  let willProperties: Properties | undefined;
  if (hasWill) {
    if (version === 5) willProperties = readProperties(reader, 'will');
    if (!/^[^+#]+$/s.test(reader.string('will topic')))
      throw malformed('CONNECT has a will topic that is no topic name');
    reader.binary('will payload');
  }
  if ((flags & 0x80) !== 0) reader.string('user name');
  if ((flags & 0x40) !== 0) reader.binary('password');
  return { version, properties, willProperties, reasonCode: 0 };
}

/** [MQTT-3.1.2-1], [MQTT-3.1.2-2] */
function versionOf(protocol: string, level: number): ProtocolVersion {
  if (protocol === 'MQTT' && (level === 4 || level === 5)) return level;
  if (protocol === 'MQIsdp' && level === 3) return level;
  throw violation('CONNECT asks for an unknown protocol or version', ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
}

function checkConnack(reader: PacketReader, version: ProtocolVersion): Checked {
  const flags = reader.byte('acknowledge flags');
  const code = reader.byte('reason code');
  // MQTT 3.1 gives the first byte no meaning.
  if (version !== 3 && flags > 1) throw malformed('CONNACK has reserved flags set');
  if (version !== 3 && flags === 1 && code !== 0) throw violation('CONNACK refuses and yet has session present');
  if (version !== 5) {
    if (code > 5) throw malformed(`CONNACK has the unknown return code ${code}`);
    return plain(version);
  }
  if (!allowedReasonCodes.connack.server.has(code)) throw malformed(`CONNACK has the unknown reason code ${code}`);
  return plain(version, readProperties(reader, 'connack'));
}

function checkSubscribe(reader: PacketReader, version: ProtocolVersion): Checked {
  readPacketId(reader, 'subscribe');
  const properties = version === 5 ? readProperties(reader, 'subscribe') : undefined;
  if (reader.left === 0) throw violation('SUBSCRIBE has no topic filter');
  while (reader.left > 0) {
    const filter = reader.string('topic filter');
    const options = reader.byte('subscription options');
    if (version !== 5) {
      if (options > 2) throw malformed('SUBSCRIBE asks for a QoS above 2 or has reserved bits set');
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

function checkUnsubscribe(reader: PacketReader, version: ProtocolVersion): Checked {
  readPacketId(reader, 'unsubscribe');
  const properties = version === 5 ? readProperties(reader, 'unsubscribe') : undefined;
  if (reader.left === 0) throw violation('UNSUBSCRIBE has no topic filter');
  while (reader.left > 0) reader.string('topic filter');
  return plain(version, properties);
}

const oldSubackCodes: ReadonlySet<number> = new Set([0, 1, 2, 0x80]);

function checkSuback(reader: PacketReader, version: ProtocolVersion): Checked {
  readPacketId(reader, 'suback');
  const properties = version === 5 ? readProperties(reader, 'suback') : undefined;
  checkCodes(reader, 'SUBACK', version === 5 ? allowedReasonCodes.suback.server : oldSubackCodes);
  return plain(version, properties);
}

function checkUnsuback(reader: PacketReader, version: ProtocolVersion): Checked {
  readPacketId(reader, 'unsuback');
  if (version !== 5) return plain(version);
  const properties = readProperties(reader, 'unsuback');
  checkCodes(reader, 'UNSUBACK', allowedReasonCodes.unsuback.server);
  return plain(version, properties);
}

function checkCodes(reader: PacketReader, packet: string, allowed: ReadonlySet<number>): void {
  if (reader.left === 0) throw violation(`${packet} has no reason code`);
  while (reader.left > 0) {
    const code = reader.byte('reason codes');
    if (!allowed.has(code)) throw violation(`${packet} has reason code ${code}, which does not belong there`);
  }
}

function checkDisconnect(reader: PacketReader, version: ProtocolVersion, receiver: Side): Checked {
  if (version !== 5 || reader.left === 0) return plain(version);
  const code = reader.byte('reason code');
  // A client closes whatever the server's code is, and tells the user; a server has to know what becomes of the will.
  if (receiver === 'server' && !allowedReasonCodes.disconnect.client.has(code)) {
    throw violation(`DISCONNECT has reason code ${code}, which a client does not send`);
  }
  const properties = reader.left === 0 ? undefined : readProperties(reader, 'disconnect');
  // [MQTT-3.14.2-2]
  if (receiver === 'client' && properties?.sessionExpiryInterval !== undefined) {
    throw violation('DISCONNECT of a server holds the property sessionExpiryInterval');
  }
  return plain(version, properties, code);
}

function checkAuth(reader: PacketReader, version: ProtocolVersion, receiver: Side): Checked {
  // Success without properties may be left out altogether (section 3.15.2.1).
  if (reader.left === 0) return plain(version);
  const code = reader.byte('reason code');
  if (!allowedReasonCodes.auth[receiver === 'client' ? 'server' : 'client'].has(code)) {
    throw violation(`AUTH has reason code ${code}, which a ${receiver} is not sent`);
  }
  const properties = readProperties(reader, 'auth');
  if (properties?.authenticationMethod === undefined) throw violation('AUTH names no authentication method');
  return plain(version, properties, code);
}
