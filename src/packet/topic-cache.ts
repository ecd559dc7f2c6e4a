import { encodeUtf8, readUtf8 } from '../utf8.js';

const FEWEST_SLOTS = 64;

/** Longer topics are not kept: a server has a cache for each connection. */
const LONGEST = 256;

/**
 * Caches the topic names that a decoder read last, so that repeated topics need not be decoded and checked again.
 * Topics with the same hash share a pair of adjacent slots, which hold the latest two. A table in which topics often
 * evict each other doubles, up to a limit.
 */
export class TopicCache {
  private names: string[] = emptySlots(FEWEST_SLOTS);
  private displaced = 0;

  /** @param maxSlots the most names to hold: a power of two, at least 64 */
  constructor(private readonly maxSlots: number) {}

  /**
   * The topic name between two positions; undefined when it is not UTF-8 or holds U+0000 or a wildcard.
   * @param view on the same bytes
   */
  read(bytes: Uint8Array, start: number, end: number, view: DataView): string | undefined {
    const hash = hashOf(view, start, end);
    const slot = hash & (this.names.length - 2);
    const newer = this.names[slot] as string;
    if (isSame(newer, bytes, start, end)) return newer;
    const older = this.names[slot + 1] as string;
    return isSame(older, bytes, start, end) ? older : this.decode(hash, bytes, start, end);
  }

  private decode(hash: number, bytes: Uint8Array, start: number, end: number): string | undefined {
    const topic = readUtf8(bytes, start, end);
    // [MQTT-3.3.2-1], [MQTT-3.3.2-2]
    if (topic === undefined || topic.includes('#') || topic.includes('+')) return undefined;
    // Only ASCII, with one byte per character, can be compared without decoding.
    if (topic.length === end - start && topic.length <= LONGEST) this.keep(hash, topic);
    return topic;
  }

  private keep(hash: number, topic: string): void {
    const { length } = this.names;
    if (this.names[(hash & (length - 2)) + 1] !== '' && ++this.displaced > length && length < this.maxSlots)
      this.grow();
    this.put(hash, topic);
  }

  private put(hash: number, topic: string): void {
    const { names } = this;
    const slot = hash & (names.length - 2);
    names[slot + 1] = names[slot] as string;
    names[slot] = topic;
  }

  /** Keeps the same string objects, so that lookups elsewhere need not compare texts. */
  private grow(): void {
    const { names } = this;
    this.displaced = 0;
    this.names = emptySlots(2 * names.length);
    for (const name of names) {
      if (name === '') continue;
      const bytes = encodeUtf8(name);
      this.put(hashOf(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length), name);
    }
  }
}

function emptySlots(count: number): string[] {
  return new Array<string>(count).fill('');
}

/** Four bytes per step, because each step waits for the previous one; the last four overlap the ones before. */
function hashOf(view: DataView, start: number, end: number): number {
  const last = end - 4;
  let hash = end - start;
  if (last < start) {
    for (let at = start; at < end; at++) hash = mix(hash, view.getUint8(at));
    return hash;
  }
  for (let at = start; at < last; at += 4) hash = mix(hash, view.getInt32(at, true));
  return mix(hash, view.getInt32(last, true));
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

function isSame(topic: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (topic.length !== end - start) return false;
  for (let at = start; at < end; at++) if (topic.charCodeAt(at - start) !== bytes[at]) return false;
  return true;
}
