import { isWellFormed, utf8Length } from '../utf8.js';

/** The longest topic name or filter, in bytes of UTF-8 [MQTT-4.7.3-3]. */
export const MAX_TOPIC_BYTES = 65535;

const PLUS = 0x2b;
const HASH = 0x23;
const FIRST_SURROGATE = 0xd800;

/** Tells what is wrong with a text that a topic name and a topic filter may not be either; their common rules. */
export function topicTextProblem(text: unknown): string | undefined {
  if (typeof text !== 'string') return 'is not a string';
  // [MQTT-4.7.3-1]
  if (text.length === 0) return 'is empty';
  // [MQTT-4.7.3-2]
  if (text.includes('\0')) return 'holds U+0000';
  // [MQTT-1.5.4-1], and [MQTT-1.5.3-1] of 3.1.1
  if (!isWellFormed(text)) return 'holds a lone surrogate';
  // No UTF-16 unit takes more than three bytes, so most texts need no count.
  if (text.length * 3 <= MAX_TOPIC_BYTES) return undefined;
  const bytes = utf8Length(text);
  // [MQTT-4.7.3-3]
  return bytes > MAX_TOPIC_BYTES ? `is ${bytes} bytes long, ${MAX_TOPIC_BYTES} is the maximum` : undefined;
}

/**
 * Tells what is wrong with a topic name, as the end of a sentence (`holds the wildcard "+"`), or `undefined` when it
 * may be published to. An empty name is a problem here, also where a topic alias would stand for it.
 */
export function topicNameProblem(topic: unknown): string | undefined {
  if (typeof topic === 'string' && isOrdinary(topic)) return undefined;
  const problem = topicTextProblem(topic);
  if (problem !== undefined) return problem;
  const name = topic as string;
  // [MQTT-4.7.0-1], [MQTT-3.3.2-2], and [MQTT-4.7.1-1] of 3.1.1
  if (name.includes('+')) return 'holds the wildcard "+"';
  if (name.includes('#')) return 'holds the wildcard "#"';
  return undefined;
}

/** Whether one look is enough: nothing but unproblematic characters, and not many of them. */
function isOrdinary(topic: string): boolean {
  const { length } = topic;
  if (length === 0 || length > 256) return false;
  for (let at = 0; at < length; at++) {
    const unit = topic.charCodeAt(at);
    if (unit === 0 || unit === PLUS || unit === HASH || unit >= FIRST_SURROGATE) return false;
  }
  return true;
}
