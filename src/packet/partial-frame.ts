/** Up to here the room for a packet is taken at once; above it grows with what arrives. */
const AT_ONCE = 256 * 1024;

const nothing = new Uint8Array(0);

/**
 * The beginning of a packet whose end is still to come. Every byte is copied once, or twice on average in a large
 * packet, in whatever pieces it arrives; the memory taken stays within twice what came in, not what the header announces.
 */
export class PartialFrame {
  /** Bytes collected. */
  length = 0;
  /** Bytes of the whole packet; 0 while its header is not complete. */
  size = 0;
  private bytes = nothing;

  /** Keeps the bytes up to the end of the chunk as the beginning of a packet. */
  begin(size: number, chunk: Uint8Array, start: number): void {
    this.size = size;
    this.length = 0;
    this.add(chunk, start, chunk.length);
  }

  add(chunk: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) this.grow(length);
    this.bytes.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.length);
    this.length = length;
  }

  /** The bytes collected; they are the receiver's to keep. */
  take(): Uint8Array {
    const frame = this.bytes.subarray(0, this.length);
    this.clear();
    return frame;
  }

  clear(): void {
    this.bytes = nothing;
    this.length = 0;
    this.size = 0;
  }

  private grow(length: number): void {
    const room = this.size <= AT_ONCE ? this.size : Math.min(this.size, Math.max(AT_ONCE, this.bytes.length * 2));
    const bytes = new Uint8Array(Math.max(length, room));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
  }
}
