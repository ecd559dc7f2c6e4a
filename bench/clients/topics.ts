import type { Conditions } from '../workload.js';

/** The topic of everything but routing. */
export const TOPIC = 'bench/hall/temperature';

/** Filters of three kinds, each of which matches one of {@link topicsOf} and no other. */
export function filtersOf({ scenario, filters }: Pick<Conditions, 'scenario' | 'filters'>): string[] {
  if (scenario !== 'route' && scenario !== 'subscriptions') return [TOPIC];
  const kinds = ['value', '+', '#'];
  return Array.from({ length: filters }, (_, index) => `plant/hall-${index % 100}/${index}/${kinds[index % 3]}`);
}

/**
 * The topics that the peer delivers to: those of routing in an order of their own, over and over, as many things report
 * one after the other; or, if that is asked for, once in the order of the filters before.
 */
export function topicsOf({ scenario, filters, reordered }: Pick<Conditions, 'scenario' | 'filters' | 'reordered'>): {
  topics: string[];
  again: number;
} {
  if (scenario !== 'route') return { topics: [TOPIC], again: 0 };
  const topics = Array.from({ length: filters }, (_, index) => `plant/hall-${index % 100}/${index}/value`);
  if (reordered !== true) return { topics: shuffled(topics), again: 0 };
  return { topics: [...topics, ...shuffled(topics)], again: filters };
}

/** The same order in every run. */
function shuffled(topics: readonly string[]): string[] {
  const all = [...topics];
  let seed = 42;
  for (let index = all.length - 1; index > 0; index--) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    const other = (seed >>> 8) % (index + 1);
    [all[index], all[other]] = [all[other] as string, all[index] as string];
  }
  return all;
}
