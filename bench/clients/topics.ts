import type { Conditions } from '../workload.js';

/** The topic of everything but routing. */
export const TOPIC = 'bench/hall/temperature';

/** Filters of three kinds, each of which matches one of {@link topicsOf} and no other. */
export function filtersOf({ scenario, filters }: Pick<Conditions, 'scenario' | 'filters'>): string[] {
  if (scenario !== 'route' && scenario !== 'subscriptions') return [TOPIC];
  const kinds = ['value', '+', '#'];
  return Array.from({ length: filters }, (_, index) => `plant/hall-${index % 100}/${index}/${kinds[index % 3]}`);
}

/** The peer delivers to all topics in one order, then in another, so that none of them is known by what came before. */
const ORDERS = 4;

/** The topics that the peer delivers to, over and over. */
export function topicsOf({ scenario, filters }: Pick<Conditions, 'scenario' | 'filters'>): string[] {
  if (scenario !== 'route') return [TOPIC];
  const topics = Array.from({ length: filters }, (_, index) => `plant/hall-${index % 100}/${index}/value`);
  const random = randomNumbers(42);
  return Array.from({ length: ORDERS }, () => shuffled(topics, random)).flat();
}

function shuffled(topics: readonly string[], random: (below: number) => number): string[] {
  const all = [...topics];
  for (let index = all.length - 1; index > 0; index--) {
    const other = random(index + 1);
    [all[index], all[other]] = [all[other] as string, all[index] as string];
  }
  return all;
}

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
}
