/** The largest copy whose memory is reused: a chunk of a socket. */
const POOLED = 64 * 1024;

/** Several copies may be in use at a time, because a handler may make another connection deliver. */
const pool: Uint8Array[] = [];

/**
 * A copy of the rest of a chunk, made before the application receives a payload in it, because a handler that transfers
 * `payload.buffer` to a worker detaches the whole chunk. Costs one `memcpy` for a chunk with several packets.
 */
export class Backup {
  private bytes: Uint8Array | undefined = undefined;
  private length = 0;
  private from = 0;

  /** Copies the chunk from a position on, the first time it is called. */
  keep(chunk: Uint8Array, from: number): void {
    if (this.bytes !== undefined) return;
    this.from = from;
    this.length = chunk.length - from;
    this.bytes = this.length > POOLED ? chunk.slice(from) : (pool.pop() ?? new Uint8Array(POOLED));
    if (this.length <= POOLED) this.bytes.set(chunk.subarray(from));
  }

  /** The bytes of the chunk from a later position on, in their own memory. */
  restore(at: number): Uint8Array {
    return this.bytes?.slice(at - this.from, this.length) ?? new Uint8Array(0);
  }

  /** The chunk is decoded. */
  release(): void {
    if (this.bytes !== undefined && this.bytes.byteLength === POOLED) pool.push(this.bytes);
    this.bytes = undefined;
  }
}
