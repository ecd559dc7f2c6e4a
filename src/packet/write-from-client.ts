import { utf8Length, writeUtf8 } from '../utf8.js';
import { checkClientFields, type ClientPacket } from './check-client-fields.js';
import type {
  ConnectPacket,
  Properties,
  ProtocolVersion,
  SubscribePacket,
  Subscription,
  UnsubscribePacket,
} from './packets.js';
import { encodeProperties, propertiesLength } from './properties.js';
import { checkRemainingLength, writeVarInt } from './var-int.js';
import type { WriteBuffer } from './write-buffer.js';

/** A piece of a packet, in wire order: a byte, a string with a length prefix, or raw bytes. */
type Piece = number | string | Uint8Array;

/**
 * Writes a packet that a client sends.
 * @throws MqttError when the packet cannot be sent; nothing is written then.
 */
export function writeFromClient(packet: ClientPacket, out: WriteBuffer, version: ProtocolVersion): void {
  checkClientFields(packet, version);
  const pieces = piecesOf(packet, version);
  let remaining = 0;
  for (const piece of pieces) remaining += lengthOf(piece);
  checkRemainingLength(remaining);
  out.reserve(5 + remaining);
  const { bytes } = out;
  bytes[out.position] = FIRST_BYTES[packet.cmd];
  let at = writeVarInt(remaining, bytes, out.position + 1);
  for (const piece of pieces) at = write(piece, bytes, at);
  out.position = at;
}

function lengthOf(piece: Piece): number {
  if (typeof piece === 'number') return 1;
  return typeof piece === 'string' ? 2 + utf8Length(piece) : piece.length;
}

/** Returns the end position. */
function write(piece: Piece, bytes: Uint8Array, at: number): number {
  if (typeof piece === 'number') {
    bytes[at] = piece;
    return at + 1;
  }
  if (typeof piece !== 'string') {
    bytes.set(piece, at);
    return at + piece.length;
  }
  const end = writeUtf8(piece, bytes, at + 2);
  const length = end - at - 2;
  bytes[at] = length >> 8;
  bytes[at + 1] = length;
  return end;
}

const FIRST_BYTES = {
  connect: 0x10,
  subscribe: 0x82,
  unsubscribe: 0xa2,
  pingreq: 0xc0,
  disconnect: 0xe0,
  auth: 0xf0,
} as const;

function piecesOf(packet: ClientPacket, version: ProtocolVersion): readonly Piece[] {
  switch (packet.cmd) {
    case 'connect':
      return connect(packet);
    case 'subscribe':
      return [
        ...start(packet, version),
        ...packet.subscriptions.flatMap((one) => [one.filter, optionsOf(one, version)]),
      ];
    case 'unsubscribe':
      return [...start(packet, version), ...packet.filters];
    case 'pingreq':
      return [];
    case 'disconnect': {
      const { reasonCode, properties } = packet;
      // The shortest form, and the only one in 3.1.1.
      if (version !== 5 || (reasonCode === 0 && propertiesLength(properties) === 0)) return [];
      return [reasonCode, ...block(properties, version)];
    }
    case 'auth':
      return [packet.reasonCode, ...block(packet.properties, version)];
  }
}

function connect(packet: ConnectPacket): readonly Piece[] {
  const { protocolVersion: version, username, password, will } = packet;
  const flags =
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40) |
    (will === undefined ? 0 : 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0)) |
    (packet.clean ? 0x02 : 0);
  return [
    version === 3 ? 'MQIsdp' : 'MQTT',
    packet.bridge === true && version !== 5 ? version | 0x80 : version,
    flags,
    ...uint16(packet.keepalive),
    ...block(packet.properties, version),
    packet.clientId,
    ...(will === undefined ? [] : [...block(will.properties, version), will.topic, ...binary(will.payload)]),
    ...(username === undefined ? [] : [username]),
    ...(password === undefined ? [] : binary(password)),
  ];
}

/** The fields before the filters of SUBSCRIBE and UNSUBSCRIBE. */
function start({ packetId, properties }: SubscribePacket | UnsubscribePacket, version: ProtocolVersion): Piece[] {
  return [...uint16(packetId), ...block(properties, version)];
}

/** A filter's options byte: before MQTT 5 just the QoS. */
function optionsOf({ qos, noLocal, retainAsPublished, retainHandling = 0 }: Subscription, version: ProtocolVersion) {
  if (version !== 5) return qos;
  return qos | (noLocal === true ? 4 : 0) | (retainAsPublished === true ? 8 : 0) | (retainHandling << 4);
}

const uint16 = (value: number): Piece[] => [value >> 8, value & 0xff];

const binary = (bytes: Uint8Array): Piece[] => [...uint16(bytes.length), bytes];

/** The property length and the properties; nothing before MQTT 5. */
function block(properties: Properties | undefined, version: ProtocolVersion): Piece[] {
  return version === 5 ? [encodeProperties(properties)] : [];
}
