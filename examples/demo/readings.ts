/** The filter that the demo's pipeline stands on. */
export const FILTER = 'site/+/temperature';

/** What a sensor publishes. */
export interface Reading {
  /** Tells this run of the demo from others that use the same broker. */
  readonly run: string;
  readonly site: string;
  /** 1, 2, 3 ... a site, without gaps: what is missing was lost. */
  readonly sequence: number;
  readonly celsius: number;
}

export interface Counts {
  readonly published: number;
  readonly received: number;
  readonly lost: number;
}

/** Counts by sequence number what was published and what arrived. */
export class Ledger {
  private readonly publishedBySite = new Map<string, Set<number>>();
  private readonly receivedBySite = new Map<string, Set<number>>();

  /** The broker has acknowledged the reading. */
  published({ site, sequence }: Reading): void {
    sequencesOf(this.publishedBySite, site).add(sequence);
  }

  received({ site, sequence }: Reading): void {
    sequencesOf(this.receivedBySite, site).add(sequence);
  }

  /** Distinct readings; one that came twice counts once. */
  get counts(): Counts {
    let lost = 0;
    for (const [site, sequences] of this.publishedBySite) {
      const arrived = sequencesOf(this.receivedBySite, site);
      for (const sequence of sequences) if (!arrived.has(sequence)) lost++;
    }
    return { published: total(this.publishedBySite), received: total(this.receivedBySite), lost };
  }
}

function sequencesOf(bySite: Map<string, Set<number>>, site: string): Set<number> {
  let sequences = bySite.get(site);
  if (sequences === undefined) {
    sequences = new Set();
    bySite.set(site, sequences);
  }
  return sequences;
}

const total = (bySite: ReadonlyMap<string, ReadonlySet<number>>): number =>
  [...bySite.values()].reduce((sum, { size }) => sum + size, 0);
