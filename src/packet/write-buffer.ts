/** Payloads from this size on are not copied but passed on by reference, in the same gathered write. */
export const BY_REFERENCE_FROM = 4096;

const BLOCK_SIZE = 64 * 1024;

/**
 * Enough for CONNACK, and given up with it: many connections send nothing else. Each further block is twice as large.
 */
const FIRST_BLOCK_SIZE = 64;

const nothing = new Uint8Array(0);

/**
 * The output buffer: packets are encoded into it, and the transport takes the bytes of a turn. Writers call
 * `reserve(n)`, write into `bytes` at `position`, and advance `position`.
 *
 * A block is filled once from start to end and then left to the socket, so bytes that were taken are never overwritten.
 */
export class WriteBuffer {
  bytes: Uint8Array = nothing;
  position = 0;
  /** Bytes taken so far, in total. */
  taken = 0;
  /** Start of the untaken bytes in the current block. */
  private start = 0;
  private chunks: Uint8Array[] = [];
  private chunkBytes = 0;
  private nextSize = FIRST_BLOCK_SIZE;

  /** @param blockSize the largest block for small packets, in bytes */
  constructor(private readonly blockSize = BLOCK_SIZE) {}

  /** Bytes waiting to be taken. */
  get length(): number {
    return this.chunkBytes + this.position - this.start;
  }

  /** Makes `size` contiguous bytes available at `position`. */
  reserve(size: number): void {
    if (this.position + size <= this.bytes.length) return;
    this.closeChunk();
    this.begin(allocate(Math.max(size, this.nextSize)));
    this.nextSize = Math.min(this.nextSize * 2, this.blockSize);
  }

  /** Appends bytes. Large arrays are passed on by reference and must not change until they are sent. */
  append(source: Uint8Array): void {
    if (source.length < BY_REFERENCE_FROM) {
      this.reserve(source.length);
      this.bytes.set(source, this.position);
      this.position += source.length;
      return;
    }
    this.closeChunk();
    this.chunks.push(source);
    this.chunkBytes += source.length;
  }

  /** Returns everything since the last call, in order. */
  take(): Uint8Array[] {
    this.closeChunk();
    this.taken += this.chunkBytes;
    const { chunks } = this;
    this.chunks = [];
    this.chunkBytes = 0;
    // An oversized block was allocated for one large packet, such as a SUBSCRIBE with very many filters.
    const { length } = this.bytes;
    if (length > this.blockSize || length <= FIRST_BLOCK_SIZE) this.begin(nothing);
    return chunks;
  }

  private begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.position = 0;
    this.start = 0;
  }

  private closeChunk(): void {
    if (this.position === this.start) return;
    this.chunks.push(this.bytes.subarray(this.start, this.position));
    this.chunkBytes += this.position - this.start;
    this.start = this.position;
  }
}

/** Node can allocate memory without clearing it: a block is always written before it is read. */
function allocate(size: number): Uint8Array {
  return typeof Buffer === 'undefined' ? new Uint8Array(size) : Buffer.allocUnsafeSlow(size);
}
