import { generate, writeToStream, type Packet as GeneratedPacket } from 'mqtt-packet';
import { ErrorCode, MqttError } from '../errors.js';
import { utf8Length } from '../utf8.js';
import { checkFields, type OtherPacket } from './check-fields.js';
import type { ConnectPacket, Properties, ProtocolVersion } from './packets.js';
import { propertiesLength, writeProperties } from './properties.js';
import { VAR_INT_MAX, varIntLength, writeVarInt } from './var-int.js';
import type { WriteBuffer } from './write-buffer.js';

/** A property block that takes the place of the zero byte which mqtt-packet wrote at this position of the body. */
interface Splice {
  readonly at: number;
  readonly properties: Properties | undefined;
}

/**
 * Has mqtt-packet write a packet without properties, and puts the properties where it left a zero for their length.
 * @throws MqttError when the packet cannot be sent; nothing is written then.
 */
export function writeGenerated(packet: OtherPacket, out: WriteBuffer, version: ProtocolVersion): void {
  checkFields(packet, version);
  // The shortest form of the most frequent DISCONNECT, which mqtt-packet writes for 3.1.1 only.
  const isPlainGoodbye =
    packet.cmd === 'disconnect' && packet.reasonCode === 0 && propertiesLength(packet.properties) === 0;
  const frame = generateFrame(packet, isPlainGoodbye ? 4 : version);
  let bodyStart = 2;
  while ((frame[bodyStart - 1] as number) >= 0x80) bodyStart++;
  const body = packet.cmd === 'connect' ? mended(frame.subarray(bodyStart), packet) : frame.subarray(bodyStart);
  writeSpliced(frame[0] as number, body, version !== 5 || isPlainGoodbye ? [] : splicesOf(packet), out);
}

function writeSpliced(first: number, body: Uint8Array, splices: readonly Splice[], out: WriteBuffer): void {
  let remaining = body.length;
  for (const { properties } of splices) {
    const length = propertiesLength(properties);
    remaining += varIntLength(length) + length - 1;
  }
  if (remaining > VAR_INT_MAX) {
    throw new MqttError(`Packet cannot be sent: it has ${remaining} bytes; MQTT allows ${VAR_INT_MAX} at the most`, {
      code: ErrorCode.PACKET_TOO_LARGE,
    });
  }
  out.reserve(5 + remaining);
  const { bytes } = out;
  bytes[out.position] = first;
  let at = writeVarInt(remaining, bytes, out.position + 1);
  let done = 0;
  for (const splice of splices) {
    bytes.set(body.subarray(done, splice.at), at);
    at = writeVarInt(propertiesLength(splice.properties), bytes, at + splice.at - done);
    at = writeProperties(splice.properties, bytes, at);
    done = splice.at + 1;
  }
  bytes.set(body.subarray(done), at);
  out.position = at + body.length - done;
}

/** Where the property length stands in the body of each packet on MQTT 5. */
function splicesOf(packet: OtherPacket): readonly Splice[] {
  switch (packet.cmd) {
    case 'connect': {
      // Behind name (6), version (1), flags (1) and keep-alive (2); the will's behind those and the client identifier.
      const own = { at: 10, properties: packet.properties };
      if (packet.will === undefined) return [own];
      return [own, { at: 13 + utf8Length(packet.clientId), properties: packet.will.properties }];
    }
    case 'connack':
    case 'subscribe':
    case 'suback':
    case 'unsubscribe':
    case 'unsuback':
      return [{ at: 2, properties: packet.properties }];
    case 'disconnect':
    case 'auth':
      return [{ at: 1, properties: packet.properties }];
    case 'pingreq':
    case 'pingresp':
      return [];
  }
}

function generateFrame(packet: OtherPacket, version: ProtocolVersion): Uint8Array {
  // The cache would take 34 ms and 16 MB to be filled, for a handful of packets a connection.
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

function translate(packet: OtherPacket, version: ProtocolVersion): GeneratedPacket {
  switch (packet.cmd) {
    case 'connect':
      return translateConnect(packet);
    case 'connack': {
      const { cmd, sessionPresent, reasonCode } = packet;
      return version === 5
        ? { cmd, sessionPresent, reasonCode }
        : { cmd, sessionPresent: sessionPresent && version === 4, returnCode: reasonCode };
    }
    case 'subscribe':
      return {
        cmd: 'subscribe',
        messageId: packet.packetId,
        subscriptions: packet.subscriptions.map(({ filter, qos, noLocal, retainAsPublished, retainHandling }) => ({
          topic: filter,
          qos,
          nl: noLocal === true,
          rap: retainAsPublished === true,
          rh: retainHandling ?? 0,
        })),
      };
    case 'unsubscribe':
      return { cmd: 'unsubscribe', messageId: packet.packetId, unsubscriptions: [...packet.filters] };
    case 'suback':
    case 'unsuback':
      return { cmd: packet.cmd, messageId: packet.packetId, granted: [...packet.reasonCodes] };
    case 'disconnect':
    case 'auth':
      return { cmd: packet.cmd, reasonCode: packet.reasonCode };
    case 'pingreq':
    case 'pingresp':
      return { cmd: packet.cmd };
  }
}

function translateConnect(packet: ConnectPacket): GeneratedPacket {
  const { protocolVersion, clientId, clean, keepalive, username, password, will } = packet;
  return {
    cmd: 'connect',
    protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
    protocolVersion,
    clientId,
    clean: clean || takesCleanOnly(packet),
    keepalive,
    ...(username !== undefined ? { username } : password !== undefined ? { username: '' } : {}),
    ...(password !== undefined && { password: asBuffer(password) }),
    ...(will !== undefined && {
      will: { topic: will.topic, payload: asBuffer(will.payload), qos: will.qos, retain: will.retain },
    }),
  };
}

/** mqtt-packet refuses an empty client identifier without clean start, which MQTT 5 allows. */
function takesCleanOnly({ clientId, clean }: ConnectPacket): boolean {
  return clientId === '' && !clean;
}

/** Takes back what {@link translateConnect} had to add for mqtt-packet to accept a CONNECT that MQTT 5 allows. */
function mended(body: Uint8Array, packet: ConnectPacket): Uint8Array {
  const flags = packet.protocolVersion === 3 ? 9 : 7;
  if (takesCleanOnly(packet)) body[flags] = (body[flags] as number) & ~0x02;
  if (packet.password === undefined || packet.username !== undefined) return body;
  // The empty user name: two bytes in front of the password, which is the last field.
  body[flags] = (body[flags] as number) & ~0x80;
  const end = body.length - 2 - packet.password.length;
  const shorter = new Uint8Array(body.length - 2);
  shorter.set(body.subarray(0, end - 2));
  shorter.set(body.subarray(end), end - 2);
  return shorter;
}

let bufferClass: typeof Buffer | undefined;

/**
 * The same bytes as the Buffer that mqtt-packet asks for. Its own class of that name is taken: in a browser there may
 * be no global one, and a second one would not be recognised.
 */
function asBuffer(bytes: Uint8Array): Buffer {
  bufferClass ??= generate({ cmd: 'pingreq' }).constructor as typeof Buffer;
  return bufferClass.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
}
