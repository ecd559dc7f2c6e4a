/** Up to this size a packet's memory is allocated at once; beyond it grows with the data. */
const AT_ONCE = 256 * 1024;

const nothing = new Uint8Array(0);

/**
 * The beginning of an incomplete packet. Each byte is copied once (in a large packet twice on average), however the
 * packet is split. The memory stays within twice the received data, even if the header announces more.
 */
export class PartialFrame {
  /** Bytes received. */
  length = 0;
  /** The size of the whole packet; 0 until its header is complete. */
  size = 0;
  private bytes = nothing;

  /** Starts a packet with the rest of the chunk. */
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

  /** Hands over the received bytes. */
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
