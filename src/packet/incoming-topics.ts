import { DecodedTopics, hashOf } from './decoded-topics.js';

/** Packets that are looked at together. */
const AHEAD = 16;

/**
 * The topics of incoming PUBLISH packets. One that is the same as the last is known by its bytes alone; else the topics
 * of the packets to come are looked at before they are read. Where there are very many topics, each step on the way to
 * the observer of one is a wait for memory, and the waits of several packets pass together. All of that is a hint:
 * whatever is foreseen, a topic is found by its bytes.
 */
export class IncomingTopics {
  /** Counts how often packets were looked at. */
  looks = 0;
  /** The numbers that the topics of these packets probably have. */
  readonly ids = new Int32Array(AHEAD);
  /** How many there are. */
  count = 0;
  private readonly topics = new DecodedTopics();
  private chunk: Uint8Array | undefined = undefined;
  private taken = 0;
  private readonly starts = new Int32Array(AHEAD + 1);
  private readonly hashes = new Int32Array(AHEAD);

  /** The number of the topic that was read last; 0 when it has none. */
  get id(): number {
    return this.topics.id;
  }

  /**
   * Reads the topic between two positions of a PUBLISH that ends at `next`; undefined when it is not UTF-8 or holds
   * U+0000 or a wildcard.
   * @param view - of the same bytes.
   */
  read(bytes: Uint8Array, start: number, end: number, view: DataView, next: number): string | undefined {
    const { starts, hashes, topics } = this;
    // Decoders of other connections may have been here meanwhile.
    if (this.chunk !== bytes || starts[this.taken] !== start) {
      const topic = topics.confirm(topics.latest, start, end, view);
      if (topic !== undefined) return topic;
      this.look(bytes, start, end, view, next);
    }
    const at = this.taken++;
    // The chunk is not kept for longer than it is needed.
    if (this.taken === this.count) this.chunk = undefined;
    return (
      topics.confirm(this.ids[at] as number, start, end, view) ??
      topics.find(bytes, start, end, view, hashes[at] as number)
    );
  }

  private look(bytes: Uint8Array, start: number, end: number, view: DataView, next: number): void {
    const { starts, hashes } = this;
    this.chunk = bytes;
    this.taken = 0;
    let count = 0;
    while (end <= next) {
      starts[count] = start;
      hashes[count++] = hashOf(view, start, end);
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
    this.count = count;
    this.looks++;
    this.topics.approach(hashes, count, this.ids);
  }
}
