import { DOLLAR, HASH, PLUS } from './characters.js';
import { levelEnd, matchingStart } from './topic-filter.js';

/**
 * Whether some topic name matches both of two valid filters, so that one message may arrive for both. Shared filters
 * count by the filter inside them.
 */
export function overlaps(a: string, b: string): boolean {
  const aStart = matchingStart(a);
  const bStart = matchingStart(b);
  let i = aStart;
  let j = bStart;
  // [MQTT-4.7.2-1]: a leading wildcard and a leading `$` never meet.
  if (
    a.charCodeAt(i) === DOLLAR ? isWildcard(b.charCodeAt(j)) : isWildcard(a.charCodeAt(i)) && b.charCodeAt(j) === DOLLAR
  )
    return false;
  for (;;) {
    if (a.charCodeAt(i) === HASH || b.charCodeAt(j) === HASH) return true;
    const aEnd = levelEnd(a, i);
    const bEnd = levelEnd(b, j);
    if (a.charCodeAt(i) !== PLUS && b.charCodeAt(j) !== PLUS && !sameLevel(a, i, aEnd, b, j, bEnd)) return false;
    i = aEnd + 1;
    j = bEnd + 1;
    // A filter that has ended overlaps only if the other ends too or continues with `/#`. `+` and `/#` would meet in
    // the empty topic, which does not exist [MQTT-4.7.3-1].
    if (i > a.length) return j > b.length || (b.charCodeAt(j) === HASH && j > bStart + 1);
    if (j > b.length) return a.charCodeAt(i) === HASH && i > aStart + 1;
  }
}

function isWildcard(code: number): boolean {
  return code === HASH || code === PLUS;
}

function sameLevel(a: string, i: number, aEnd: number, b: string, j: number, bEnd: number): boolean {
  if (aEnd - i !== bEnd - j) return false;
  while (i < aEnd) if (a.charCodeAt(i++) !== b.charCodeAt(j++)) return false;
  return true;
}
