/** How many ranges of missing numbers to remember; beyond that, the oldest count as lost. */
const MOST_RANGES = 10_000;

/** Checks the delivery of one publisher's messages by their numbers: counts lost, duplicate and late ones. */
export class DeliveryCheck {
  duplicates = 0;
  disordered = 0;
  /** The next expected number. */
  private next: number;
  /** The missing ranges below `next`: [from, to), in order. */
  private readonly missing: [from: number, to: number][] = [];
  private givenUp = 0;

  /** @param first - the first expected number; smaller ones are not missed. */
  constructor(first: number) {
    this.next = first;
  }

  /** How many numbers below the largest have not arrived. */
  get lost(): number {
    return this.missing.reduce((sum, [from, to]) => sum + to - from, this.givenUp);
  }

  received(sequence: number): void {
    if (sequence >= this.next) {
      if (sequence > this.next) this.miss(this.next, sequence);
      this.next = sequence + 1;
      return;
    }
    const at = this.missing.findIndex(([from, to]) => sequence >= from && sequence < to);
    const [from, to] = this.missing[at] ?? [0, 0];
    if (to === 0) {
      this.duplicates++;
      return;
    }
    this.disordered++;
    const left: [number, number][] = [
      [from, sequence],
      [sequence + 1, to],
    ];
    this.missing.splice(at, 1, ...left.filter(([begin, end]) => begin < end));
  }

  /** All numbers below this one were sent. */
  ended(count: number): void {
    if (count > this.next) this.miss(this.next, count);
    this.next = Math.max(this.next, count);
  }

  private miss(from: number, to: number): void {
    this.missing.push([from, to]);
    if (this.missing.length <= MOST_RANGES) return;
    const [begin, end] = this.missing.shift() ?? [0, 0];
    this.givenUp += end - begin;
  }
}
