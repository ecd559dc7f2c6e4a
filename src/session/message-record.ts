import type { PublishProperties, QoS } from '../packet/packets.js';
import { decodeProperties, propertiesLength, writeProperties } from '../packet/properties.js';
import { fromTimeOfDay, toTimeOfDay } from '../rx/clock.js';
import { readUtf8, utf8Length, writeUtf8 } from '../utf8.js';
import type { Phase } from './outgoing-publish.js';
import { HEADER, isIntact, sealed } from './sealed-record.js';

/** The immutable part of a message. */
export interface MessageBody {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: PublishProperties | undefined;
  /** By the time of day, in ms since 1970; -1 when unused. */
  readonly acceptedAt: number;
}

/** How far a message has come. */
export interface MessageState {
  readonly phase: Phase;
  readonly packetId: number;
}

/** A moment of `elapsed()`, as a record keeps it. */
export function storedTime(moment: number | undefined): number {
  return moment === undefined ? -1 : toTimeOfDay(moment);
}

/** The moment of `elapsed()` that a record keeps. */
export function momentOf({ acceptedAt }: Pick<MessageBody, 'acceptedAt'>): number | undefined {
  return acceptedAt < 0 ? undefined : fromTimeOfDay(acceptedAt);
}

/** Layout: version, checksum, QoS and retain, time, topic, properties, payload. */
export function encodeBody(body: MessageBody): Uint8Array {
  const { topic, payload, qos, retain, properties, acceptedAt } = body;
  const topicBytes = utf8Length(topic);
  const propertyBytes = properties === undefined ? 0 : propertiesLength(properties);
  const record = new Uint8Array(HEADER + 1 + 8 + 2 + topicBytes + 4 + propertyBytes + payload.length);
  const view = new DataView(record.buffer);
  let at = HEADER;
  record[at++] = qos | (retain ? 4 : 0) | (properties === undefined ? 0 : 8);
  view.setFloat64(at, acceptedAt);
  view.setUint16(at + 8, topicBytes);
  at = writeUtf8(topic, record, at + 10);
  view.setUint32(at, propertyBytes);
  at = writeProperties(properties, record, at + 4);
  record.set(payload, at);
  return sealed(record);
}

/** Undefined when the record is damaged. */
export function decodeBody(record: Uint8Array): MessageBody | undefined {
  if (!isIntact(record, HEADER + 15)) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const flags = record[HEADER] ?? 0;
  const topicStart = HEADER + 11;
  const topicEnd = topicStart + view.getUint16(HEADER + 9);
  const propertiesStart = topicEnd + 4;
  const propertiesEnd = propertiesStart + view.getUint32(topicEnd);
  const topic = readUtf8(record, topicStart, topicEnd);
  if (topic === undefined) return undefined;
  return {
    topic,
    payload: record.slice(propertiesEnd),
    qos: (flags & 3) as QoS,
    retain: (flags & 4) !== 0,
    properties: (flags & 8) === 0 ? undefined : decodeProperties(record, propertiesStart, propertiesEnd, 'publish'),
    acceptedAt: view.getFloat64(HEADER + 1),
  };
}

/** Layout: version, checksum, phase, packet identifier. */
export function encodeState({ phase, packetId }: MessageState): Uint8Array {
  const record = new Uint8Array(HEADER + 3);
  record[HEADER] = phase;
  new DataView(record.buffer).setUint16(HEADER + 1, packetId);
  return sealed(record);
}

/** Undefined when the record is damaged. */
export function decodeState(record: Uint8Array): MessageState | undefined {
  if (!isIntact(record, HEADER + 3)) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  return { phase: (record[HEADER] ?? 0) as Phase, packetId: view.getUint16(HEADER + 1) };
}
