import { encodeUtf8 } from '../utf8.js';
import { checkClientFields } from './check-client-fields.js';
import type { ConnectPacket, Packet, Properties, ProtocolVersion } from './packets.js';
import { propertiesLength, writeProperties } from './properties.js';
import { checkRemainingLength } from './remaining-length.js';
import { varIntLength, writeVarInt } from './var-int.js';
import type { WriteBuffer } from './write-buffer.js';

/** The packets that a client sends beside PUBLISH and its acknowledgements; the last two are sent by servers too. */
export type ClientPacket = Extract<
  Packet,
  { readonly cmd: 'connect' | 'subscribe' | 'unsubscribe' | 'pingreq' | 'disconnect' | 'auth' }
>;

/** A piece of a packet, in the order of the wire. */
type Piece = ArrayLike<number>;

/**
 * Writes a packet that a client sends.
 * @throws MqttError when the packet cannot be sent; nothing is written then.
 */
export function writeFromClient(packet: ClientPacket, out: WriteBuffer, version: ProtocolVersion): void {
  checkClientFields(packet, version);
  const pieces = piecesOf(packet, version);
  let remaining = 0;
  for (const { length } of pieces) remaining += length;
  checkRemainingLength(remaining);
  out.reserve(5 + remaining);
  const { bytes } = out;
  bytes[out.position] = FIRST_BYTES[packet.cmd];
  let at = writeVarInt(remaining, bytes, out.position + 1);
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  out.position = at;
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
        uint16(packet.packetId),
        block(packet.properties, version),
        ...packet.subscriptions.flatMap((subscription) => {
          const { filter, qos, noLocal = false, retainAsPublished = false, retainHandling = 0 } = subscription;
          const options = version === 5 ? (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | (retainHandling << 4) : 0;
          return [...text(filter), [qos | options]];
        }),
      ];
    case 'unsubscribe':
      return [uint16(packet.packetId), block(packet.properties, version), ...packet.filters.flatMap(text)];
    case 'pingreq':
      return [];
    case 'disconnect': {
      const { reasonCode, properties } = packet;
      // The shortest form, and the only one of 3.1.1.
      if (version !== 5 || (reasonCode === 0 && propertiesLength(properties) === 0)) return [];
      return [[reasonCode], block(properties, version)];
    }
    case 'auth':
      return [[packet.reasonCode], block(packet.properties, version)];
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
    ...text(version === 3 ? 'MQIsdp' : 'MQTT'),
    [version, flags],
    uint16(packet.keepalive),
    block(packet.properties, version),
    ...text(packet.clientId),
    ...(will === undefined ? [] : [block(will.properties, version), ...text(will.topic), ...binary(will.payload)]),
    ...(username === undefined ? [] : text(username)),
    ...(password === undefined ? [] : binary(password)),
  ];
}

const uint16 = (value: number): Piece => [value >> 8, value & 0xff];

const binary = (bytes: Uint8Array): readonly Piece[] => [uint16(bytes.length), bytes];

const text = (value: string): readonly Piece[] => binary(encodeUtf8(value));

/** The properties behind their length; nothing before MQTT 5. */
function block(properties: Properties | undefined, version: ProtocolVersion): Piece {
  if (version !== 5) return [];
  const length = propertiesLength(properties);
  const bytes = new Uint8Array(varIntLength(length) + length);
  writeProperties(properties, bytes, writeVarInt(length, bytes, 0));
  return bytes;
}
