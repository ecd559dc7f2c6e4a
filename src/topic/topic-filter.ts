import { PLUS, SLASH } from './characters.js';
import { topicTextProblem } from './topic-name.js';

const SHARE_PREFIX = '$share/';

/** Prefixes of some brokers: messages arrive under the topic without it, as they do with `$share/<group>/`. */
const BROKER_PREFIXES = ['$queue/', '$exclusive/', '$q/'] as const;

/** The parts of a shared subscription: `$share/<group>/<filter>`. */
export interface Share {
  readonly group: string;
  readonly filter: string;
}

/** Where the filter to match begins: after `$share/<group>/`, else at 0. */
export function matchingStart(filter: string): number {
  if (!filter.startsWith(SHARE_PREFIX)) return 0;
  const slash = filter.indexOf('/', SHARE_PREFIX.length);
  return slash > SHARE_PREFIX.length && slash + 1 < filter.length ? slash + 1 : 0;
}

/** Where the topics of arriving messages begin in a filter: after `$share/<group>/` or a broker's prefix, else at 0. */
export function topicStart(filter: string): number {
  if (!filter.startsWith('$')) return 0;
  const prefix = BROKER_PREFIXES.find((known) => filter.startsWith(known) && filter.length > known.length);
  return prefix?.length ?? matchingStart(filter);
}

/** Splits a shared subscription; `undefined` for any other filter and for a malformed share. */
export function parseShare(filter: string): Share | undefined {
  const start = matchingStart(filter);
  if (start === 0) return undefined;
  return { group: filter.slice(SHARE_PREFIX.length, start - 1), filter: filter.slice(start) };
}

/** Where the level that begins at `start` ends. */
export function levelEnd(filter: string, start: number): number {
  const slash = filter.indexOf('/', start);
  return slash < 0 ? filter.length : slash;
}

/** Whether the filter can match more than one topic. */
export function hasWildcard(filter: string): boolean {
  return filter.includes('+') || filter.includes('#');
}

/**
 * Describes the problem of a topic filter, shared or not, as the end of a sentence (`holds "#" before its last level`);
 * `undefined` if it is valid.
 */
export function topicFilterProblem(filter: unknown): string | undefined {
  const problem = topicTextProblem(filter);
  if (problem !== undefined) return problem;
  const text = filter as string;
  if (!text.startsWith(SHARE_PREFIX)) return wildcardProblem(text, 0);
  return shareProblem(text) ?? wildcardProblem(text, matchingStart(text));
}

function shareProblem(filter: string): string | undefined {
  const slash = filter.indexOf('/', SHARE_PREFIX.length);
  const group = slash < 0 ? filter.slice(SHARE_PREFIX.length) : filter.slice(SHARE_PREFIX.length, slash);
  // [MQTT-4.8.2-1]
  if (group === '') return 'has no share name after "$share/"';
  // [MQTT-4.8.2-2]
  if (group.includes('+')) return 'holds the wildcard "+" in its share name';
  if (group.includes('#')) return 'holds the wildcard "#" in its share name';
  if (slash < 0 || slash + 1 === filter.length) return 'has no topic filter after its share name';
  return undefined;
}

function wildcardProblem(filter: string, start: number): string | undefined {
  const last = filter.length - 1;
  // [MQTT-4.7.1-1]
  const hash = filter.indexOf('#', start);
  if (hash >= 0) {
    if (hash > start && filter[hash - 1] !== '/') return 'holds "#" beside other characters in a level';
    if (hash < last) {
      return filter[hash + 1] === '/'
        ? 'holds "#" before its last level'
        : 'holds "#" beside other characters in a level';
    }
  }
  // [MQTT-4.7.1-2]
  const plus = filter.indexOf('+', start);
  return plus < 0 || arePlusesAlone(filter, start, plus) ? undefined : 'holds "+" beside other characters in a level';
}

/** Whether each `+` is a level, in a loop over the characters: there may be thousands. */
function arePlusesAlone(filter: string, start: number, first: number): boolean {
  const last = filter.length - 1;
  for (let at = first; at <= last; at++) {
    if (filter.charCodeAt(at) !== PLUS) continue;
    if (at > start && filter.charCodeAt(at - 1) !== SLASH) return false;
    if (at < last && filter.charCodeAt(at + 1) !== SLASH) return false;
  }
  return true;
}
