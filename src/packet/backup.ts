/** The largest copy whose memory is reused: a chunk of a socket. */
const POOLED = 64 * 1024;

/** Several copies may be in use at a time, because a handler may make another connection deliver. */
const pool: Uint8Array[] = [];

/**
 * A copy of the rest of a chunk, made before the application receives a payload in it, because a handler that transfers
 * `payload.buffer` to a worker detaches the whole chunk. Costs one `memcpy` for a chunk with several packets.
 */
export class Backup {
  private readonly bytes: Uint8Array;
  private readonly length: number;

  constructor(
    chunk: Uint8Array,
    private readonly from: number,
  ) {
    this.length = chunk.length - from;
    this.bytes = this.length > POOLED ? chunk.slice(from) : (pool.pop() ?? new Uint8Array(POOLED));
    if (this.length <= POOLED) this.bytes.set(chunk.subarray(from));
  }

  /** The bytes of the chunk from a later position on, in their own memory. */
  restore(at: number): Uint8Array {
    return this.bytes.slice(at - this.from, this.length);
  }

  /** The chunk is decoded. */
  release(): void {
    if (this.bytes.byteLength === POOLED) pool.push(this.bytes);
  }
}
