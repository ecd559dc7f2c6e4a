/** Something with committed packets to write, such as a connection. */
export interface Flushing {
  flushCommitted(): void;
}

/** How a connection buffers its output, and when it writes. */
export interface Writes {
  /** The largest block for small packets, in bytes. Default: that of `WriteBuffer`. */
  readonly blockSize?: number;
  /** Schedules a write; writes happen in the order of the calls. Default: at the end of the microtasks. */
  readonly schedule?: (flushing: Flushing) => void;
}
