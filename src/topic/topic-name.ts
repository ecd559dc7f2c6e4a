import { HASH, PLUS } from './characters.js';
import { textProblem } from './text-problem.js';

const FIRST_SURROGATE = 0xd800;

/** Describes the problem of a topic name or filter by the rules they share. */
export function topicTextProblem(text: unknown): string | undefined {
  // [MQTT-4.7.3-1]
  return text === '' ? 'is empty' : textProblem(text);
}

/**
 * Describes the problem of a topic name, as the end of a sentence (`holds the wildcard "+"`); `undefined` if it is
 * valid. An empty name is a problem even where a topic alias would stand for it.
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

/** Whether a single pass suffices: a short text of unproblematic characters. */
function isOrdinary(topic: string): boolean {
  const { length } = topic;
  if (length === 0 || length > 256) return false;
  for (let at = 0; at < length; at++) {
    const unit = topic.charCodeAt(at);
    if (unit === 0 || unit === PLUS || unit === HASH || unit >= FIRST_SURROGATE) return false;
  }
  return true;
}
