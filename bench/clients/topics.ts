import type { Conditions } from '../workload.js';

/** The topic of everything but routing. */
export const TOPIC = 'bench/hall/temperature';

/** Filters of three kinds, each of which matches one of {@link topicsOf} and no other. */
export function filtersOf({ scenario, filters }: Pick<Conditions, 'scenario' | 'filters'>): string[] {
  if (scenario !== 'route' && scenario !== 'subscriptions') return [TOPIC];
  const kinds = ['value', '+', '#'];
  return Array.from({ length: filters }, (_, index) => `plant/hall-${index % 100}/${index}/${kinds[index % 3]}`);
}

/** The topics that the peer delivers to, in no order that a cache would like. */
export function topicsOf({ scenario, filters }: Pick<Conditions, 'scenario' | 'filters'>): string[] {
  if (scenario !== 'route') return [TOPIC];
  const topics = Array.from({ length: filters }, (_, index) => `plant/hall-${index % 100}/${index}/value`);
  let seed = 42;
  for (let index = topics.length - 1; index > 0; index--) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    const other = seed % (index + 1);
    [topics[index], topics[other]] = [topics[other] as string, topics[index] as string];
  }
  return topics;
}
