/** What one SUBSCRIBE or UNSUBSCRIBE holds at most. */
export interface PieceLimits {
  /** Filters a packet. */
  readonly maxFilters: number;
  /** Bytes a packet. */
  readonly maxBytes: number;
}

/**
 * Shares filters out among packets, in order, and as few as can be. One that is too large for any has its own.
 * @param overhead - bytes of a packet without filters.
 */
export function inPieces<T>(
  filters: readonly T[],
  sizeOf: (filter: T) => number,
  overhead: number,
  { maxFilters, maxBytes }: PieceLimits,
): T[][] {
  const pieces: T[][] = [];
  let bytes = 0;
  for (const filter of filters) {
    const size = sizeOf(filter);
    const piece = pieces.at(-1);
    bytes += size;
    if (piece !== undefined && piece.length < maxFilters && bytes <= maxBytes) {
      piece.push(filter);
    } else {
      pieces.push([filter]);
      bytes = overhead + size;
    }
  }
  return pieces;
}
