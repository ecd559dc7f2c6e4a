import type { PacketIds as Bits } from './packet-ids.js';

const MAXIMUM = 65535;

/** Takes the place of the bit set in browsers, where few identifiers are in use at a time. */
export class PacketIds implements Pick<Bits, keyof Bits> {
  private readonly used = new Set<number>();
  private last = 0;

  get size(): number {
    return this.used.size;
  }

  get areAllUsed(): boolean {
    return this.size === MAXIMUM;
  }

  take(): number {
    if (this.areAllUsed) return 0;
    do this.last = (this.last % MAXIMUM) + 1;
    while (this.has(this.last));
    this.reserve(this.last);
    return this.last;
  }

  has(id: number): boolean {
    return this.used.has(id);
  }

  reserve(id: number): void {
    this.used.add(id);
  }

  release(id: number): void {
    this.used.delete(id);
  }
}
