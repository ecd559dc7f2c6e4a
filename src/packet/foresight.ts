import { hashOfView, type DecodedTopics } from './decoded-topics.js';

/** Packets that are looked at together. */
const AHEAD = 16;

const NOTHING = new DataView(new ArrayBuffer(0));

/**
 * Looks at the topics of the packets to come before they are read. Where there are very many topics, each step on the
 * way to the observer of one is a wait for memory; the waits of several packets pass together. All of it is a hint:
 * whatever is foreseen, a topic is found by its bytes.
 */
export class Foresight {
  /** Counts how often packets were looked at. */
  looks = 0;
  /** The numbers that the topics of these packets probably have. */
  readonly ids = new Int32Array(AHEAD);
  /** How many there are. */
  count = 0;
  private chunk: Uint8Array | undefined = undefined;
  private view: DataView = NOTHING;
  /** No more packets of the chunk can be looked at. */
  private isLast = false;
  private taken = 0;
  private readonly starts = new Int32Array(AHEAD + 1);
  private readonly hashes = new Int32Array(AHEAD);

  constructor(private readonly topics: DecodedTopics) {}

  /** Reads the topic between two positions of a PUBLISH that ends at `next`. */
  read(bytes: Uint8Array, start: number, end: number, next: number): string | undefined {
    const { starts, hashes, topics } = this;
    // Decoders of other connections may have been here meanwhile.
    if (this.chunk !== bytes || starts[this.taken] !== start) this.look(bytes, start, end, next);
    const { view } = this;
    const hash = hashes[this.taken++] as number;
    if (this.isLast && this.taken === this.count) this.forget();
    return topics.find(bytes, start, end, hash, view);
  }

  /** The chunk is not kept for longer than it is needed. */
  private forget(): void {
    this.chunk = undefined;
    this.view = NOTHING;
  }

  private look(bytes: Uint8Array, start: number, end: number, next: number): void {
    const { starts, hashes } = this;
    if (this.chunk !== bytes) {
      this.chunk = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const { view } = this;
    this.taken = 0;
    let count = 0;
    while (end <= next) {
      starts[count] = start;
      hashes[count++] = hashOfView(view, start, end);
      // As far as there are whole PUBLISH packets.
      if (count === AHEAD || next + 5 > bytes.length || (bytes[next] as number) >> 4 !== 3) break;
      let body = next + 1;
      let remaining = 0;
      let shift = 0;
      let byte;
      do {
        byte = bytes[body++] as number;
        remaining |= (byte & 0x7f) << shift;
        shift += 7;
      } while (byte >= 0x80 && shift < 21);
      if (body + remaining > bytes.length || remaining < 2) break;
      start = body + 2;
      end = start + (((bytes[body] as number) << 8) | (bytes[body + 1] as number));
      next = body + remaining;
    }
    starts[count] = -1;
    this.isLast = count < AHEAD;
    this.count = count;
    this.looks++;
    this.topics.approach(hashes, count, this.ids);
  }
}
