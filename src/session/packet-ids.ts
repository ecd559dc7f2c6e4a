const MAXIMUM = 65535;

/**
 * The packet identifiers of one side of a session: 1 to 65535, one pool for PUBLISH, SUBSCRIBE and UNSUBSCRIBE
 * [MQTT-2.2.1-3]. Assigned round robin, so that a late acknowledgement rarely hits a new exchange.
 */
export class PacketIds {
  /** One bit per identifier; allocated on first use, because most sessions of a broker never need one. */
  private bits: Uint32Array | undefined;
  private last = 0;
  private count = 0;

  /** Identifiers in use. */
  get size(): number {
    return this.count;
  }

  get areAllUsed(): boolean {
    return this.count === MAXIMUM;
  }

  /** The next free identifier, or 0 when all 65535 are in use. */
  take(): number {
    if (this.areAllUsed) return 0;
    let id = this.last;
    do {
      id = id === MAXIMUM ? 1 : id + 1;
    } while (this.has(id));
    this.last = id;
    this.reserve(id);
    return id;
  }

  has(id: number): boolean {
    return this.bits !== undefined && ((this.bits[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  /** Takes a given identifier, for a restored session. */
  reserve(id: number): void {
    if (this.has(id)) return;
    this.bits ??= new Uint32Array(2048);
    this.bits[id >>> 5] = (this.bits[id >>> 5] ?? 0) | (1 << (id & 31));
    this.count++;
  }

  release(id: number): void {
    if (!this.has(id) || this.bits === undefined) return;
    this.bits[id >>> 5] = (this.bits[id >>> 5] ?? 0) & ~(1 << (id & 31));
    this.count--;
  }
}
