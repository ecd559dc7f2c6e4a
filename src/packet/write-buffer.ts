/** Payloads from this size on are not copied into the block but go out beside it, in the same gathered write. */
export const BY_REFERENCE_FROM = 4096;

const BLOCK_SIZE = 64 * 1024;

/** What a connection that says little takes; each further block is twice the last one. */
const FIRST_BLOCK_SIZE = 128;

const nothing = new Uint8Array(0);

/**
 * Where packets are encoded, and where a transport takes the bytes of a turn from. Lanes write into `bytes` at
 * `position` after `reserve(n)`, and move `position` on.
 *
 * A block is filled from its start to its end once and then left to the socket, so bytes that were taken are never
 * overwritten.
 */
export class WriteBuffer {
  bytes: Uint8Array = nothing;
  position = 0;
  /** Bytes that were taken since the beginning. */
  taken = 0;
  /** Start of what was not taken yet in the current block. */
  private start = 0;
  private chunks: Uint8Array[] = [];
  private chunkBytes = 0;
  private nextSize = FIRST_BLOCK_SIZE;

  /** @param blockSize - of the largest block that is taken for small packets, in bytes. */
  constructor(private readonly blockSize = BLOCK_SIZE) {}

  /** Bytes that wait to be taken. */
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

  /** Adds bytes: small ones are copied, large ones go out by reference and must not be changed until then. */
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

  /** Everything since the last call, in order. */
  take(): Uint8Array[] {
    this.closeChunk();
    this.taken += this.chunkBytes;
    const { chunks } = this;
    this.chunks = [];
    this.chunkBytes = 0;
    // It was made for a packet of that size, such as a SUBSCRIBE with very many filters.
    if (this.bytes.length > this.blockSize) this.begin(nothing);
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

/** Node hands out memory without clearing it, which a block that is always written before it is read does not need. */
function allocate(size: number): Uint8Array {
  return typeof Buffer === 'undefined' ? new Uint8Array(size) : Buffer.allocUnsafeSlow(size);
}
