/** What a process has to say about itself, for the time since it was asked last. Bytes and milliseconds. */
export interface Figures {
  /** Resident memory now, after a collection. */
  readonly resident: number;
  /** The most resident memory that was seen. */
  readonly peak: number;
  /** Live objects and buffers now, after a collection. */
  readonly live: number;
  /** The longest time in which the event loop did not turn. */
  readonly longestBlock: number;
  /** Processor time. */
  readonly cpu: number;
}
