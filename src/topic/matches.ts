import { DOLLAR, HASH, PLUS, SLASH } from './characters.js';
import { matchingStart } from './topic-filter.js';

/**
 * Whether a topic filter matches a topic name or the topic of a message. Both must be valid. A shared filter matches by
 * the filter inside it. Characters are compared without normalisation [MQTT-4.7.3-4].
 */
export function matches(filter: string, topicOrMessage: string | { readonly topic: string }): boolean {
  const topic = typeof topicOrMessage === 'string' ? topicOrMessage : topicOrMessage.topic;
  const start = matchingStart(filter);
  if (topic.charCodeAt(0) === DOLLAR) {
    // [MQTT-4.7.2-1]
    const first = filter.charCodeAt(start);
    if (first === HASH || first === PLUS) return false;
  }
  return restMatches(filter, start, topic, 0);
}

/**
 * Whether the filter's levels from position `f` on match the topic's levels from position `t` on. After the last level,
 * the position is past the end: in `a/b`, 2 follows `a` and 4 follows `b`.
 */
export function restMatches(filter: string, f: number, topic: string, t: number): boolean {
  const filterEnd = filter.length;
  const topicEnd = topic.length;
  if (f > filterEnd) return t > topicEnd;
  while (f < filterEnd) {
    const code = filter.charCodeAt(f);
    if (code === HASH) return true;
    if (code === PLUS) {
      while (t < topicEnd && topic.charCodeAt(t) !== SLASH) t++;
    } else if (t < topicEnd && topic.charCodeAt(t) === code) {
      t++;
    } else {
      // `a/#` also matches its parent `a` (section 4.7.1.2).
      return t === topicEnd && code === SLASH && f + 2 === filterEnd && filter.charCodeAt(f + 1) === HASH;
    }
    f++;
  }
  return t === topicEnd;
}
