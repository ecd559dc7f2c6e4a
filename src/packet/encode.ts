import { ErrorCode, MqttError } from '../errors.js';
import { topicNameProblem } from '../topic/topic-name.js';
import type { AckCommand, AckPacket, AckProperties, ProtocolVersion, PublishProperties, QoS } from './packets.js';
import { checkPacketId } from './check-fields.js';
import { requireProperties } from './check-properties.js';
import { propertiesLength, writeProperties } from './properties.js';
import type { PublishPacket } from './publish-packet.js';
import { EncodedTopics } from './encoded-topics.js';
import { checkRemainingLength, varIntLength, writeVarInt } from './var-int.js';
import { BY_REFERENCE_FROM, type WriteBuffer } from './write-buffer.js';
import type { ClientPacket } from './check-client-fields.js';
import { writeFromClient } from './write-from-client.js';

/** Shared by all connections: the bytes of a topic depend on nothing else. */
const topics = new EncodedTopics();

const ackFirstByte = { puback: 0x40, pubrec: 0x50, pubrel: 0x62, pubcomp: 0x70 } as const;

/** The packets that clients send; servers send some of them, too. */
export type SentByClient = PublishPacket | AckPacket | ClientPacket;

/**
 * Writes one packet, a CONNECT in the version it announces. Properties and reason codes are omitted before MQTT 5.
 * @throws MqttError for a packet that cannot be sent; it names the field, and nothing is written.
 */
export function encode(packet: SentByClient, out: WriteBuffer, version: ProtocolVersion): void {
  if (packet.cmd === 'connect') version = packet.protocolVersion;
  if (version === 5) {
    if ('properties' in packet) requireProperties(packet.properties, packet.cmd);
    if (packet.cmd === 'connect') requireProperties(packet.will?.properties, 'will');
  }
  switch (packet.cmd) {
    case 'publish': {
      const { topic, payload, qos, retain, dup, packetId, properties } = packet;
      encodePublish(out, version, topic, payload, qos, retain, dup, packetId, properties);
      return;
    }
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      encodeAck(out, version, packet.cmd, packet.packetId, packet.reasonCode, packet.properties);
      return;
    default:
      writeFromClient(packet, out, version);
  }
}

/**
 * Writes a PUBLISH; its properties must be checked already. A payload of 4 KiB or more is passed on by reference.
 *
 * @param topicAlias bound to the topic, or replaces it if `topic` is empty; overrides the one in `properties`.
 * @throws MqttError for a topic that cannot be sent, a packet identifier that does not suit the QoS, or a packet above
 * the protocol's limit; nothing is written then.
 */
export function encodePublish(
  out: WriteBuffer,
  version: ProtocolVersion,
  topic: string,
  payload: Uint8Array,
  qos: QoS,
  retain: boolean,
  dup: boolean,
  packetId: number,
  properties: PublishProperties | undefined,
  topicAlias = 0,
): void {
  const topicBytes = topicBytesOf(topic);
  let content = 0;
  let head = topicBytes.length + (qos === 0 ? 0 : 2);
  if (version === 5) {
    if (topicAlias !== 0 && properties?.topicAlias !== undefined) properties = withoutAlias(properties);
    content = propertiesLength(properties) + (topicAlias === 0 ? 0 : 3);
    head += varIntLength(content) + content;
  }
  if (topic === '' && (version !== 5 || (topicAlias === 0 && properties?.topicAlias === undefined))) {
    throw invalidTopic(topic);
  }
  if (qos !== 0) {
    if (qos !== 1 && qos !== 2) throw new MqttError('PUBLISH cannot be sent: its QoS is not 0, 1 or 2', INVALID_QOS);
    checkPacketId(packetId, 'PUBLISH');
  }
  const { length } = payload;
  const remaining = head + length;
  checkRemainingLength(remaining);

  const byReference = length >= BY_REFERENCE_FROM;
  out.reserve(5 + (byReference ? head : remaining));
  const { bytes } = out;
  let at = out.position;
  bytes[at++] = 0x30 | (dup && qos !== 0 ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  at = writeVarInt(remaining, bytes, at);
  bytes.set(topicBytes, at);
  at += topicBytes.length;
  if (qos !== 0) {
    bytes[at] = packetId >>> 8;
    bytes[at + 1] = packetId;
    at += 2;
  }
  if (version === 5) {
    at = writeVarInt(content, bytes, at);
    if (topicAlias !== 0) {
      bytes[at] = 0x23;
      bytes[at + 1] = topicAlias >>> 8;
      bytes[at + 2] = topicAlias;
      at += 3;
    }
    if (properties !== undefined) at = writeProperties(properties, bytes, at);
  }
  if (byReference) {
    out.position = at;
    out.append(payload);
  } else {
    bytes.set(payload, at);
    out.position = at + length;
  }
}

/**
 * The size of a PUBLISH in bytes, including its fixed header; it may be above the protocol's limit, for the caller to
 * refuse.
 * @throws MqttError for a topic or a property that cannot be sent.
 */
export function publishSize(
  version: ProtocolVersion,
  topic: string,
  payload: Uint8Array,
  qos: QoS,
  properties: PublishProperties | undefined,
): number {
  let remaining = topicBytesOf(topic).length + (qos === 0 ? 0 : 2) + payload.length;
  if (version === 5) {
    const content = propertiesLength(properties);
    remaining += varIntLength(content) + content;
  }
  return 1 + varIntLength(remaining) + remaining;
}

/**
 * Writes PUBACK, PUBREC, PUBREL or PUBCOMP in its shortest form: four bytes without reason code and properties, five
 * without properties. The properties must be checked already.
 */
export function encodeAck(
  out: WriteBuffer,
  version: ProtocolVersion,
  cmd: AckCommand,
  packetId: number,
  reasonCode: number,
  properties?: AckProperties,
): void {
  checkPacketId(packetId, cmd);
  const content = version === 5 && properties !== undefined ? propertiesLength(properties) : 0;
  const hasCode = content > 0 || (version === 5 && reasonCode !== 0);
  const short = hasCode ? 3 : 2;
  const remaining = content > 0 ? short + varIntLength(content) + content : short;
  if (content > 0) checkRemainingLength(remaining);

  out.reserve(5 + remaining);
  const { bytes } = out;
  let at = out.position;
  bytes[at++] = ackFirstByte[cmd];
  if (content > 0) at = writeVarInt(remaining, bytes, at);
  else bytes[at++] = remaining;
  bytes[at++] = packetId >>> 8;
  bytes[at++] = packetId;
  if (hasCode) bytes[at++] = reasonCode;
  if (content > 0) at = writeProperties(properties, bytes, writeVarInt(content, bytes, at));
  out.position = at;
}

const INVALID_QOS = { code: ErrorCode.INVALID_QOS } as const;

function withoutAlias(properties: PublishProperties): PublishProperties {
  const rest = { ...properties };
  delete rest.topicAlias;
  return rest;
}

function topicBytesOf(topic: string): Uint8Array {
  const bytes = topics.bytesOf(topic);
  if (bytes === undefined) throw invalidTopic(topic);
  return bytes;
}

function invalidTopic(topic: string): MqttError {
  return new MqttError(`PUBLISH cannot be sent: its topic ${topicNameProblem(topic) ?? 'is invalid'}`, {
    code: ErrorCode.INVALID_TOPIC,
  });
}
