import { decodeUtf8, encodeUtf8, isUtf8 } from '../utf8.js';
import type { PublishProperties, QoS } from './packets.js';
import { PublishPacket } from './publish-packet.js';

/** A line of a recording. */
export interface RecordedMessage {
  /** ms since the first line, with up to three decimals. */
  readonly time: number;
  readonly topic: string;
  /** The payload where it is UTF-8 text. */
  readonly payload?: string;
  /** The payload in base64 where it is not. */
  readonly payload64?: string;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly properties?: PublishProperties & { readonly correlationData64?: string };
}

/** What a line is made of: a message, as it came or as it is sent. */
export type Recordable = Pick<PublishPacket, 'topic' | 'payload' | 'qos' | 'retain' | 'properties'>;

/** The line of a message at a time in ms, without a line break. It holds every byte of the payload. */
export function recordedLine({ topic, payload, qos, retain, properties }: Recordable, time: number): string {
  const kept = properties === undefined ? undefined : recordedProperties(properties);
  const line: RecordedMessage = {
    time: Math.round(time * 1000) / 1000,
    topic,
    ...(isUtf8(payload) ? { payload: decodeUtf8(payload) } : { payload64: base64Of(payload) }),
    ...(qos > 0 && { qos }),
    ...(retain && { retain }),
    ...(kept !== undefined && { properties: kept }),
  };
  return JSON.stringify(line);
}

/** @throws SyntaxError that names the line, when it cannot be read. */
export function readRecorded(line: string, number: number): RecordedMessage {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    // The cause would show a part of the line, which may be a payload.
    throw new SyntaxError(`line ${number} of the recording is not JSON`);
  }
  if (!isRecorded(read)) throw new SyntaxError(`line ${number} of the recording has no time or no topic`);
  const wrong = wrongField(read);
  if (wrong !== undefined) throw new SyntaxError(`line ${number} of the recording has an invalid ${wrong}`);
  return read;
}

/** The message of a line, as a subscriber receives it. */
export function toRecordedMessage(line: RecordedMessage): PublishPacket {
  const { topic, payload = '', payload64, qos = 0, retain = false, properties } = line;
  const bytes = payload64 === undefined ? encodeUtf8(payload) : bytesOf(payload64);
  return new PublishPacket(topic, bytes, qos, retain, false, qos === 0 ? 0 : 1, messageProperties(properties));
}

/** A topic alias and subscription identifiers hold for one connection only. */
function recordedProperties(properties: PublishProperties): RecordedMessage['properties'] {
  const { correlationData, topicAlias: _alias, subscriptionIdentifier: _identifier, ...others } = properties;
  const kept = {
    ...others,
    ...(correlationData !== undefined && { correlationData64: base64Of(correlationData) }),
  };
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function messageProperties(properties: RecordedMessage['properties']): PublishProperties | undefined {
  if (properties === undefined) return undefined;
  const { correlationData64, ...others } = properties;
  return { ...others, ...(correlationData64 !== undefined && { correlationData: bytesOf(correlationData64) }) };
}

const isRecorded = (read: unknown): read is RecordedMessage =>
  typeof read === 'object' &&
  read !== null &&
  'time' in read &&
  typeof read.time === 'number' &&
  'topic' in read &&
  typeof read.topic === 'string';

/** A field that a line may leave out, and that no message can be made of. */
function wrongField({ payload, payload64, qos, retain, properties }: RecordedMessage): string | undefined {
  if (payload !== undefined && typeof payload !== 'string') return 'payload';
  if (payload64 !== undefined && !isBase64(payload64)) return 'payload64';
  if (qos !== undefined && !([0, 1, 2] as const).includes(qos)) return 'qos';
  if (retain !== undefined && typeof retain !== 'boolean') return 'retain';
  if (properties === undefined) return undefined;
  if (typeof properties !== 'object' || (properties as unknown) === null) return 'properties';
  const { correlationData64 } = properties;
  return correlationData64 === undefined || isBase64(correlationData64) ? undefined : 'correlationData64';
}

function isBase64(read: unknown): boolean {
  try {
    return typeof read === 'string' && atob(read).length >= 0;
  } catch {
    return false;
  }
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

function base64Of(bytes: Uint8Array): string {
  let letters = '';
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
}
