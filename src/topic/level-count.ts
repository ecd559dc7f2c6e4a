import { SLASH } from './characters.js';

/** How many levels a topic or a filter has. */
export function levelCount(topic: string): number {
  let levels = 1;
  // With many levels, one `indexOf` for each takes ten times as long.
  for (let at = 0; at < topic.length; at++) if (topic.charCodeAt(at) === SLASH) levels++;
  return levels;
}
