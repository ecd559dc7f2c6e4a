import { decodeUtf8 } from '../utf8.js';

/** The readable part of an invalid PUBLISH: enough to acknowledge it, and to recognise it again. */
export interface UnreadablePublish {
  readonly qos: 0 | 1 | 2;
  /** 0 at QoS 0. */
  readonly packetId: number;
  /** Bytes that are not UTF-8 are U+FFFD. */
  readonly topic: string;
  /** The size in bytes, without the fixed header. */
  readonly size: number;
}

/** Undefined if even this part cannot be read. */
export function unreadablePublish(
  first: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): UnreadablePublish | undefined {
  const qos = (first >> 1) & 3;
  if (qos === 3 || start + 2 > end) return undefined;
  const topicEnd = start + 2 + (((bytes[start] as number) << 8) | (bytes[start + 1] as number));
  if (topicEnd + (qos === 0 ? 0 : 2) > end) return undefined;
  const packetId = qos === 0 ? 0 : ((bytes[topicEnd] as number) << 8) | (bytes[topicEnd + 1] as number);
  if (qos !== 0 && packetId === 0) return undefined;
  return { qos: qos as 0 | 1 | 2, packetId, topic: decodeUtf8(bytes.subarray(start + 2, topicEnd)), size: end - start };
}
