import { TopicTrie } from '#topic-trie';
import { overlaps } from './overlaps.js';
import { hasWildcard } from './topic-filter.js';

/** The most wildcard filters for which overlaps are searched; the search is quadratic. */
const COMPARED_WILDCARDS = 500;

/** A filter, and what it matches topics with: for `$share/group/filter` and its like, only `filter`. */
export interface LayeredFilter {
  readonly filter: string;
  readonly matched: string;
  readonly isShared: boolean;
  /** Its place in its layer. */
  readonly order: number;
}

/** Distributes filters over layers in which no two match the same topic. */
export function disjointLayers<T extends LayeredFilter>(filters: readonly T[]): T[][] {
  const plain = filters.filter((filter) => !mayLosePrefix(filter));
  const alone = filters.filter(mayLosePrefix).map((filter) => [filter]);
  return plain.length === 0 ? alone : [...alone, ...layersOf(plain)];
}

function layersOf<T extends LayeredFilter>(filters: T[]): T[][] {
  const wildcards = filters.filter(mayOverlap);
  if (filters.length === 1 || wildcards.length === 0) return [filters];
  const layers: { all: T[]; wildcards: string[]; trie: TopicTrie<string> }[] = [];
  const compare = wildcards.length <= COMPARED_WILDCARDS;
  for (const filter of [...wildcards, ...filters.filter((candidate) => !mayOverlap(candidate))]) {
    const { matched } = filter;
    const isWildcard = mayOverlap(filter);
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
    layer.all.push(filter);
    if (!isWildcard) continue;
    layer.wildcards.push(matched);
    layer.trie.add(matched, matched);
  }
  return layers.map(({ all }) => all.sort((a, b) => a.order - b.order));
}

/** Its topics may come without the first level, so that only an identifier of its own tells them from others. */
const mayLosePrefix = ({ filter, isShared }: LayeredFilter): boolean =>
  filter.startsWith('$') && !filter.startsWith('$SYS/') && !isShared;

/** Two different exact filters never overlap, except for one behind a prefix beside its plain twin. */
const mayOverlap = ({ filter, matched }: LayeredFilter): boolean => filter !== matched || hasWildcard(matched);
