/** Something with committed packets to write, such as a connection. */
export interface Flushing {
  flushCommitted(): void;
}

/** How a connection buffers what it sends, and when it writes that. */
export interface Writes {
  /** The largest block for small packets, in bytes. Default: that of `WriteBuffer`. */
  readonly blockSize?: number;
  /** Has it write soon, in the order of the calls. Default: at the end of the microtasks. */
  readonly schedule?: (flushing: Flushing) => void;
}
