import { propertiesLength } from '../packet/properties.js';
import { disjointLayers } from '../topic/disjoint-layers.js';
import { utf8Length } from '../utf8.js';
import type { FilterSubscription } from './filter-subscription.js';

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
    .flatMap((group) => (separateOverlaps ? disjointLayers(group) : [group]))
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
