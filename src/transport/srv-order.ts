import type { SrvRecord } from './transport.js';

/**
 * The order in which to try the servers of a service (RFC 2782): by priority, and among those of one priority by lot,
 * in proportion to their weights.
 *
 * @param random - numbers in [0, 1).
 */
export function srvOrder(records: readonly SrvRecord[], random: () => number = Math.random): readonly SrvRecord[] {
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((wanted) =>
    drawn(
      records.filter(({ priority }) => priority === wanted),
      random,
    ),
  );
}

/** Those of weight 0 stand in front, so that they have a small chance. */
function drawn(records: readonly SrvRecord[], random: () => number): readonly SrvRecord[] {
  const left = [...records].sort((a, b) => Math.sign(a.weight) - Math.sign(b.weight));
  const order: SrvRecord[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, { weight }) => total + weight, 0);
    const lot = Math.floor(random() * (sum + 1));
    let running = 0;
    const at = left.findIndex(({ weight }) => (running += weight) >= lot);
    order.push(...left.splice(at, 1));
  }
  return order;
}
