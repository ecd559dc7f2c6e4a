import { propertiesLength } from '../packet/properties.js';
import { overlaps } from '../topic/overlaps.js';
import { hasWildcard } from '../topic/topic-filter.js';
import { TopicTrie } from '#topic-trie';
import { utf8Length } from '../utf8.js';
import type { FilterSubscription } from './filter-subscription.js';

/** The most wildcard filters in one packet for which overlaps are searched; the search is quadratic. */
const COMPARED_WILDCARDS = 500;

/** The size of a SUBSCRIBE without its filters, at most: header, packet identifier, property length, identifier. */
const SUBSCRIBE_OVERHEAD = 16;

/** The size of an UNSUBSCRIBE without its filters, at most: header, packet identifier, property length. */
const UNSUBSCRIBE_OVERHEAD = 8;

/** The limits of one SUBSCRIBE or UNSUBSCRIBE. */
export interface BatchLimits {
  readonly maxFilters: number;
  readonly maxBytes: number;
}

/**
 * Distributes subscriptions over as few SUBSCRIBE packets as possible. A packet has one set of properties, and one
 * subscription identifier for all of its filters.
 *
 * @param separateOverlaps - put overlapping filters into separate packets, so that their identifiers tell copies apart.
 */
export function subscribeBatches(
  subscriptions: readonly FilterSubscription[],
  limits: BatchLimits,
  separateOverlaps: boolean,
): FilterSubscription[][] {
  const groups = new Map<unknown, FilterSubscription[]>();
  for (const subscription of subscriptions) {
    const group = groups.get(subscription.request.properties);
    if (group === undefined) groups.set(subscription.request.properties, [subscription]);
    else group.push(subscription);
  }
  return [...groups.values()]
    .flatMap((group) => (separateOverlaps ? withoutOverlaps(group) : [group]))
    .flatMap((group) =>
      inPieces(
        group,
        ({ filter }) => 3 + utf8Length(filter),
        SUBSCRIBE_OVERHEAD + propertiesLength(group[0]?.request.properties),
        limits,
      ),
    );
}

/** Distributes filters over UNSUBSCRIBE packets. */
export function unsubscribeBatches(filters: readonly string[], limits: BatchLimits): string[][] {
  return inPieces(filters, (filter) => 2 + utf8Length(filter), UNSUBSCRIBE_OVERHEAD, limits);
}

/** Keeps the order, and makes as few packets as possible. A filter too large for any packet gets its own. */
function inPieces<T>(
  filters: readonly T[],
  sizeOf: (filter: T) => number,
  overhead: number,
  { maxFilters, maxBytes }: BatchLimits,
): T[][] {
  const pieces: T[][] = [];
  let bytes = 0;
  for (const filter of filters) {
    const size = sizeOf(filter);
    const piece = pieces.at(-1);
    bytes += size;
    if (piece !== undefined && piece.length < maxFilters && bytes <= maxBytes) {
      piece.push(filter);
    } else {
      pieces.push([filter]);
      bytes = overhead + size;
    }
  }
  return pieces;
}

/** Layers in which no two filters match the same topic. */
function withoutOverlaps(subscriptions: FilterSubscription[]): FilterSubscription[][] {
  const plain = subscriptions.filter((subscription) => !mayLosePrefix(subscription));
  const alone = subscriptions.filter(mayLosePrefix).map((subscription) => [subscription]);
  return plain.length === 0 ? alone : [...alone, ...layersOf(plain)];
}

function layersOf(subscriptions: FilterSubscription[]): FilterSubscription[][] {
  const wildcards = subscriptions.filter(mayOverlap);
  if (subscriptions.length === 1 || wildcards.length === 0) return [subscriptions];
  const layers: { all: FilterSubscription[]; wildcards: string[]; trie: TopicTrie<string> }[] = [];
  const compare = wildcards.length <= COMPARED_WILDCARDS;
  for (const subscription of [...wildcards, ...subscriptions.filter((candidate) => !mayOverlap(candidate))]) {
    const { matched } = subscription;
    const isWildcard = mayOverlap(subscription);
    let layer = layers.find(({ wildcards: others, trie }) => {
      if (isWildcard) return !compare || !others.some((other) => overlaps(other, matched));
      const hits: string[] = [];
      trie.match(matched, hits);
      return hits.length === 0;
    });
    if (layer === undefined) {
      layer = { all: [], wildcards: [], trie: new TopicTrie() };
      layers.push(layer);
    }
    layer.all.push(subscription);
    if (!isWildcard) continue;
    layer.wildcards.push(matched);
    layer.trie.add(matched, matched);
  }
  return layers.map(({ all }) => all.sort((a, b) => a.order - b.order));
}

/** Its topics may come without the first level, so that only an identifier of its own tells them from others. */
const mayLosePrefix = ({ filter, isShared }: FilterSubscription): boolean =>
  filter.startsWith('$') && !filter.startsWith('$SYS/') && !isShared;

/** Two different exact filters never overlap, except for one behind a prefix beside its plain twin. */
const mayOverlap = ({ filter, matched }: FilterSubscription): boolean => filter !== matched || hasWildcard(matched);
