/** A connection with committed packets to write. */
export interface Flushing {
  flushCommitted(): void;
}

/** How a connection buffers what it sends, and when it writes that. */
export interface Writes {
  /** The largest block for small packets, in bytes. Default: that of `WriteBuffer`. */
  readonly blockSize?: number;
  /** Has the connection write soon; called once for all packets until then. Default: at the end of the microtasks. */
  readonly schedule?: (connection: Flushing) => void;
}
