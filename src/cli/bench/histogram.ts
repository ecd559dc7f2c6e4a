/** Each power of two has 2 to the power of this many buckets, so the error is below 1/64. */
const PARTS_BITS = 6;
const PARTS = 1 << PARTS_BITS;
/** The largest value with a bucket of its own, in µs: 35 minutes. */
const LARGEST = 2 ** 31 - 1;

/**
 * Counts values in ms, in buckets that grow with the value. Each quantile is exact to 1.6 % or 1 µs, in 14 kB for any
 * number of values.
 */
export class Histogram {
  private readonly counts = new Float64Array((31 - PARTS_BITS + 1) * PARTS);
  private total = 0;
  private largest = 0;
  private sum = 0;

  get count(): number {
    return this.total;
  }

  /** The largest value, exactly; 0 without values. */
  get max(): number {
    return this.largest;
  }

  get mean(): number {
    return this.total === 0 ? 0 : this.sum / this.total;
  }

  /** @param ms a value below 0 counts as 0 */
  record(ms: number): void {
    const value = Math.max(0, ms);
    this.total++;
    this.sum += value;
    this.largest = Math.max(this.largest, value);
    const bucket = bucketOf(Math.min(LARGEST, Math.round(value * 1000)));
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
  }

  /** The quantile in ms: `quantile(0.99)` is not exceeded by 99 % of the values; 0 without values. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.total));
    let seen = 0;
    for (let bucket = 0; bucket < this.counts.length; bucket++) {
      seen += this.counts[bucket] as number;
      if (seen >= rank) return Math.min(upperBound(bucket) / 1000, this.largest);
    }
    return this.largest;
  }

  clear(): void {
    this.counts.fill(0);
    this.total = 0;
    this.sum = 0;
    this.largest = 0;
  }
}

/** Values below `2 * PARTS` have a bucket each; above, each power of two has `PARTS` buckets. */
function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - PARTS_BITS);
  return shift * PARTS + (value >>> shift);
}

/** The largest value of a bucket. */
function upperBound(bucket: number): number {
  const shift = Math.max(0, (bucket >> PARTS_BITS) - 1);
  const part = bucket - shift * PARTS;
  return (part + 1) * 2 ** shift - 1;
}
