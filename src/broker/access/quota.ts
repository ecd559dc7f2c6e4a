/** From this limit on, a tenth is kept for those who have little: a smaller one is what a test or a gadget sets. */
const RESERVED_FROM = 100;
const RESERVE = 0.1;
/** Having little: no more than this part of the limit. */
const LITTLE = 0.01;

/**
 * A bound that many share: one owner gets no more than its share, and the last places are for owners who have little. So
 * no one can fill it and lock the others out. An owner is a user, a certificate or an address; undefined is the broker
 * itself, which the limit alone binds.
 */
export class Quota {
  private readonly byOwner = new Map<string, number>();
  private readonly most: number;
  private readonly little: number;
  private readonly unreserved: number;
  private total = 0;

  /** @param share - the part of the limit that one owner may take. */
  constructor(
    private readonly limit: number,
    share: number,
  ) {
    this.most = Math.ceil(limit * Math.min(share, 1));
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
