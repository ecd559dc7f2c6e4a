/** How many dropped filters keep their identifiers. */
const CAPACITY = 256;

/**
 * The subscription identifiers of dropped filters. A broker may still send copies for them. Such a copy has no
 * recipient: other matching filters get their own copies [MQTT-3.3.4-5].
 */
export class RetiredIdentifiers {
  private readonly byFilter = new Map<string, readonly number[]>();
  private all: Set<number> | undefined = undefined;

  get size(): number {
    return this.byFilter.size;
  }

  add(filter: string, identifiers: readonly number[]): void {
    if (identifiers.length === 0) return;
    for (const oldest of this.byFilter.keys()) {
      if (this.byFilter.size < CAPACITY) break;
      this.byFilter.delete(oldest);
    }
    this.byFilter.set(filter, identifiers);
    this.all = undefined;
  }

  /** The filter is wanted again, and receives the copies that are still on their way. */
  take(filter: string): readonly number[] | undefined {
    const identifiers = this.byFilter.get(filter);
    if (identifiers === undefined) return undefined;
    this.byFilter.delete(filter);
    this.all = undefined;
    return identifiers;
  }

  has(identifier: number): boolean {
    this.all ??= new Set([...this.byFilter.values()].flat());
    return this.all.has(identifier);
  }

  clear(): void {
    this.byFilter.clear();
    this.all = undefined;
  }
}
