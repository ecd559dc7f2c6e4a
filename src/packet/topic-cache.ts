import { readUtf8 } from '../utf8.js';

const FEWEST_SLOTS = 64;

/**
 * The topic names that one decoder read last, so that a topic which keeps coming is neither decoded nor checked again.
 * Each topic has one slot, which it shares with others of the same hash: the newest one has it. A table in which topics
 * often push each other out is replaced by an empty one of twice the size, up to the bound.
 */
export class TopicCache {
  private names: string[] = emptySlots(FEWEST_SLOTS);
  private displaced = 0;

  /** @param maxSlots the most names that are held at a time: a power of two, at least 64. */
  constructor(private readonly maxSlots: number) {}

  /** The topic name between two positions; undefined when it is not UTF-8 or holds U+0000 or a wildcard. */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + (bytes[at] as number);
    hash ^= hash >>> 15;
    const known = this.names[hash & (this.names.length - 1)] as string;
    return isSame(known, bytes, start, end) ? known : this.decode(hash, bytes, start, end);
  }

  private decode(hash: number, bytes: Uint8Array, start: number, end: number): string | undefined {
    const topic = readUtf8(bytes, start, end);
    // [MQTT-3.3.2-1], [MQTT-3.3.2-2]
    if (topic === undefined || topic.includes('#') || topic.includes('+')) return undefined;
    // Only ASCII, of which each byte is a character, can be compared without being decoded.
    if (topic.length === end - start) this.keep(hash, topic);
    return topic;
  }

  private keep(hash: number, topic: string): void {
    const { names } = this;
    const slot = hash & (names.length - 1);
    if (names[slot] !== '' && ++this.displaced > names.length && names.length < this.maxSlots) {
      this.displaced = 0;
      this.names = emptySlots(2 * names.length);
    }
    this.names[hash & (this.names.length - 1)] = topic;
  }
}

function emptySlots(count: number): string[] {
  return new Array<string>(count).fill('');
}

function isSame(topic: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (topic.length !== end - start) return false;
  for (let at = start; at < end; at++) if (topic.charCodeAt(at - start) !== bytes[at]) return false;
  return true;
}
