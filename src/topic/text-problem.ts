import { isWellFormed, utf8Length } from '../utf8.js';

/** Describes why a text cannot be sent, as the end of a sentence; undefined if it can. */
export function textProblem(text: unknown): string | undefined {
  if (typeof text !== 'string') return 'is not a string';
  // [MQTT-4.7.3-2], [MQTT-1.5.4-2]
  if (text.includes('\0')) return 'holds U+0000';
  // [MQTT-1.5.4-1], and [MQTT-1.5.3-1] of 3.1.1
  if (!isWellFormed(text)) return 'holds a lone surrogate';
  // A UTF-16 unit takes at most three bytes, so most texts need no count.
  if (text.length * 3 <= LONGEST) return undefined;
  const bytes = utf8Length(text);
  // [MQTT-4.7.3-3]
  return bytes > LONGEST ? `is ${bytes} bytes long, ${LONGEST} is the maximum` : undefined;
}

/** The longest string a packet can hold, in bytes. */
const LONGEST = 65535;
