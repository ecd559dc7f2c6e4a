import { matchingStart } from './topic-filter.js';

/**
 * Whether every topic that matches a filter also matches the outer one; both of them valid. Shared filters count by the
 * filter inside them. For allow lists: `isWithin('plant/7/+', 'plant/#')`. A deny list needs `overlaps`, because `#` is
 * not within `secret/#` and yet matches every topic below `secret/`.
 */
export function isWithin(filter: string, outer: string): boolean {
  const inner = filter.slice(matchingStart(filter)).split('/');
  const around = outer.slice(matchingStart(outer)).split('/');
  // [MQTT-4.7.2-1]: a leading wildcard matches no topic that begins with `$`.
  if (inner[0]?.startsWith('$') === true && isWildcard(around[0])) return false;
  for (let at = 0; ; at++) {
    const level = inner[at];
    const limit = around[at];
    if (limit === '#') return true;
    if (level === undefined || limit === undefined) return level === limit;
    if (level === '#') return limit === '+' && around[at + 1] === '#' && hasNoParent(inner, at);
    if (limit !== '+' && limit !== level) return false;
  }
}

function isWildcard(level: string | undefined): boolean {
  return level === '#' || level === '+';
}

/** `a/#` matches `a` as well, which `a/+/#` does not; but before `#` and `/#` there is no topic [MQTT-4.7.3-1]. */
function hasNoParent(levels: readonly string[], hash: number): boolean {
  return hash === 0 || (hash === 1 && levels[0] === '');
}
