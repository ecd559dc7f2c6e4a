import { Tally } from '../support/numbered.js';
import type { WorkerSummary } from './member-task.js';

/** What a worker has of each topic, and what came on its wire. */
export class Seen {
  private readonly tallies = new Map<string, Tally>();
  /** The numbers on the wire, in the order of their first arrival. */
  private readonly onWire = new Map<string, Set<number>>();

  arrived(topic: string, text: string): void {
    const numbers = this.onWire.get(topic) ?? new Set();
    this.onWire.set(topic, numbers.add(Number(text)));
  }

  delivered(topic: string, text: string): void {
    const tally = this.tallies.get(topic) ?? new Tally();
    this.tallies.set(topic, tally);
    tally.count(text);
  }

  summary(): Readonly<Record<string, WorkerSummary>> {
    return Object.fromEntries([...this.tallies].map(([topic, tally]) => [topic, this.summaryOf(topic, tally)]));
  }

  private summaryOf(topic: string, { counts, outOfOrder }: Tally): WorkerSummary {
    const delivered = [...counts.keys()];
    const newest = Math.max(...delivered);
    const arrived = [...(this.onWire.get(topic) ?? [])];
    const missing: number[] = [];
    for (let number = 0; number <= newest; number++) if (!counts.has(number)) missing.push(number);
    return {
      newest,
      distinct: counts.size,
      doubled: [...counts.values()].filter((times) => times > 1).length,
      outOfOrder,
      dropped: arrived.filter((number) => !counts.has(number)).length,
      reordered: arrived.filter((number) => counts.has(number)).filter((number, at) => delivered[at] !== number).length,
      missing,
    };
  }
}
