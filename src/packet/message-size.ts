import { utf8Length } from '../utf8.js';
import { propertiesLength } from './properties.js';
import type { PublishProperties } from './property-types.js';

/** The memory of properties beside their text, in bytes: of all of them together, and of each user property. */
const PROPERTIES = 100;
const USER_PROPERTY = 120;

/** Up to this length, checking each character is faster than a native call. */
const SHORT = 64;

/**
 * The size of a message for byte-based bounds: topic, payload and encoded properties, plus a fixed amount for the
 * objects that hold properties.
 */
export function messageSize(topic: string, payload: Uint8Array, properties: PublishProperties | undefined): number {
  const size = topicSize(topic) + payload.length;
  if (properties === undefined) return size;
  const { userProperties } = properties;
  return size + PROPERTIES + propertiesLength(properties) + USER_PROPERTY * (userProperties?.length ?? 0);
}

/** Messages often come in a row on one topic, and each of them goes to many subscribers. */
let lastTopic = '';
let lastSize = 0;

function topicSize(topic: string): number {
  if (topic !== lastTopic) {
    lastSize = textSize(topic);
    lastTopic = topic;
  }
  return lastSize;
}

function textSize(text: string): number {
  const { length } = text;
  if (length > SHORT) return utf8Length(text);
  for (let at = 0; at < length; at++) if (text.charCodeAt(at) >= 0x80) return utf8Length(text);
  return length;
}
