import { propertiesLength } from '../packet/properties.js';
import { utf8Length } from '../utf8.js';
import { overlaps } from '../topic/overlaps.js';
import { hasWildcard } from '../topic/topic-filter.js';
import { TopicTrie } from '#topic-trie';
import { inPieces, type PieceLimits } from './in-pieces.js';
import type { SubscriptionEntry } from './subscription-entry.js';

/** Wildcard filters of one packet up to which overlaps are looked for; the search is quadratic. */
const COMPARED_WILDCARDS = 500;

/** What a SUBSCRIBE has beside its filters, at most: header, packet identifier, property length, identifier. */
const OVERHEAD = 16;

export interface BatchLimits extends PieceLimits {
  /** Filters that overlap go into packets of their own, so that their subscription identifiers tell copies apart. */
  readonly separateOverlaps: boolean;
}

/**
 * Shares filters out among SUBSCRIBE packets: as few as can be. A packet has one set of properties, and one
 * subscription identifier for all of its filters.
 */
export function inBatches(entries: readonly SubscriptionEntry[], limits: BatchLimits): SubscriptionEntry[][] {
  const groups = new Map<unknown, SubscriptionEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.terms.request.properties);
    if (group === undefined) groups.set(entry.terms.request.properties, [entry]);
    else group.push(entry);
  }
  return [...groups.values()]
    .flatMap((group) => (limits.separateOverlaps ? withoutOverlaps(group) : [group]))
    .flatMap((group) =>
      inPieces(group, sizeOf, OVERHEAD + propertiesLength(group[0]?.terms.request.properties), limits),
    );
}

/** Layers in which no two filters match a common topic. */
function withoutOverlaps(entries: readonly SubscriptionEntry[]): SubscriptionEntry[][] {
  if (entries.length === 1) return [[...entries]];
  const layers: { entries: SubscriptionEntry[]; wildcards: SubscriptionEntry[]; trie: TopicTrie<string> }[] = [];
  const wildcards = entries.filter(mayOverlap);
  if (wildcards.length === 0) return [[...entries]];
  const compare = wildcards.length <= COMPARED_WILDCARDS;
  for (const entry of [...wildcards, ...entries.filter((candidate) => !mayOverlap(candidate))]) {
    const isWildcard = mayOverlap(entry);
    let layer = layers.find(({ wildcards: others, trie }) => {
      if (isWildcard) return !compare || !others.some((other) => overlaps(other.matched, entry.matched));
      const hits: string[] = [];
      trie.match(entry.matched, hits);
      return hits.length === 0;
    });
    if (layer === undefined) {
      layer = { entries: [], wildcards: [], trie: new TopicTrie() };
      layers.push(layer);
    }
    layer.entries.push(entry);
    if (!isWildcard) continue;
    layer.wildcards.push(entry);
    layer.trie.add(entry.matched, entry.matched);
  }
  return layers.map((layer) => inOrder(layer.entries));
}

/** Length, filter and options. */
const sizeOf = ({ filter }: SubscriptionEntry): number => 3 + utf8Length(filter);

const inOrder = (entries: SubscriptionEntry[]): SubscriptionEntry[] => entries.sort((a, b) => a.order - b.order);

/** Two different exact filters never overlap, but for a shared one beside its plain twin. */
const mayOverlap = (entry: SubscriptionEntry): boolean => entry.shared || hasWildcard(entry.matched);
