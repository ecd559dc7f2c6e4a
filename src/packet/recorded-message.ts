import { decodeBase64, encodeBase64 } from '../base64.js';
import { quoted } from '../quoted.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { decodeUtf8, encodeUtf8, isUtf8 } from '../utf8.js';
import { checkProperties } from './check-properties.js';
import type { PublishProperties, QoS } from './packets.js';
import { PublishPacket } from './publish-packet.js';

/** A line of a recording. */
export interface RecordedMessage {
  /** ms since the first line, with up to three decimals. */
  readonly time: number;
  /** The topic name. */
  readonly topic: string;
  /** The payload, if it is UTF-8 text. */
  readonly payload?: string;
  /** The payload in base64, if it is not. */
  readonly payload64?: string;
  /** Left out for QoS 0. */
  readonly qos?: QoS;
  /** Left out if false. */
  readonly retain?: boolean;
  /** Properties of PUBLISH; correlation data in base64. */
  readonly properties?: PublishProperties & { readonly correlationData64?: string };
}

/** The fields of a message that are recorded. */
export type Recordable = Pick<PublishPacket, 'topic' | 'payload' | 'qos' | 'retain' | 'properties'>;

/** The line of a message, without a line break. It keeps every byte of the payload. `time` is in ms. */
export function recordedLine({ topic, payload, qos, retain, properties }: Recordable, time: number): string {
  const kept = properties === undefined ? undefined : recordedProperties(properties);
  const line: RecordedMessage = {
    time: Math.round(time * 1000) / 1000,
    topic,
    ...(isUtf8(payload) ? { payload: decodeUtf8(payload) } : { payload64: encodeBase64(payload) }),
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
  const problem = topicNameProblem(read.topic);
  if (problem !== undefined) {
    throw new SyntaxError(`line ${number} of the recording: the topic ${quoted(read.topic)} ${problem}`);
  }
  const properties = messageProperties(read.properties);
  const odd = properties === undefined ? undefined : checkProperties(properties, 'publish');
  if (odd !== undefined) throw new SyntaxError(`line ${number} of the recording: ${odd}`);
  return read;
}

/** The message of a line, as a subscriber receives it. */
export function toRecordedMessage(line: RecordedMessage): PublishPacket {
  const { topic, payload = '', payload64, qos = 0, retain = false, properties } = line;
  const bytes = payload64 === undefined ? encodeUtf8(payload) : decodeBase64(payload64);
  return new PublishPacket(topic, bytes, qos, retain, false, qos === 0 ? 0 : 1, messageProperties(properties));
}

/** A topic alias and subscription identifiers hold for one connection only. */
function recordedProperties(properties: PublishProperties): RecordedMessage['properties'] {
  const { correlationData, topicAlias: _alias, subscriptionIdentifier: _identifier, ...others } = properties;
  const kept = {
    ...others,
    ...(correlationData !== undefined && { correlationData64: encodeBase64(correlationData) }),
  };
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function messageProperties(properties: RecordedMessage['properties']): PublishProperties | undefined {
  if (properties === undefined) return undefined;
  const { correlationData64, ...others } = properties;
  return { ...others, ...(correlationData64 !== undefined && { correlationData: decodeBase64(correlationData64) }) };
}

const isRecorded = (read: unknown): read is RecordedMessage =>
  typeof read === 'object' &&
  read !== null &&
  'time' in read &&
  typeof read.time === 'number' &&
  'topic' in read &&
  typeof read.topic === 'string';

/** The optional field from which no message can be made. */
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
