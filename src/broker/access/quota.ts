/** Limits from this one on keep a tenth for owners who have little. Smaller ones are for tests and small devices. */
const RESERVED_FROM = 100;
const RESERVE = 0.1;
/** An owner with no more than this part of the limit has little. */
const LITTLE = 0.01;

/**
 * A limit that many owners share: each gets at most its share, and the last places are for owners who have little, so
 * that none can fill it and lock the others out. An owner is a user, a certificate or an address; undefined is the
 * broker itself, to which only the limit applies.
 */
export class Quota {
  private readonly byOwner = new Map<string, number>();
  private readonly most: number;
  private readonly little: number;
  private readonly unreserved: number;
  private total = 0;

  /**
   * @param share - the part of the limit that one owner may take.
   * @param most - what one owner may take whatever the share. Default: no further bound.
   */
  constructor(
    private readonly limit: number,
    share: number,
    most = Infinity,
  ) {
    this.most = Math.min(Math.ceil(limit * Math.min(share, 1)), most);
    this.little = Math.max(1, limit * LITTLE);
    this.unreserved = limit < RESERVED_FROM ? limit : limit * (1 - RESERVE);
  }

  hasRoomFor(owner: string | undefined, amount: number): boolean {
    const total = this.total + amount;
    if (total > this.limit) return false;
    if (owner === undefined) return true;
    const own = (this.byOwner.get(owner) ?? 0) + amount;
    return own <= this.most && (total <= this.unreserved || own <= this.little);
  }

  /** Counts what comes, or what goes as a negative amount. */
  add(owner: string | undefined, amount: number): void {
    this.total += amount;
    if (owner === undefined) return;
    const own = (this.byOwner.get(owner) ?? 0) + amount;
    if (own > 0) this.byOwner.set(owner, own);
    else this.byOwner.delete(owner);
  }
}
