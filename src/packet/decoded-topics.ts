import { readUtf8 } from '../utf8.js';

/** Longer topics are not kept. */
const LONGEST = 256;

/** Topics that are kept at most; a power of two. */
const MOST_TOPICS = 1 << 17;
/** Bytes of them that are kept at most: with the strings and the table that is below 24 MiB, whatever a peer sends. */
const MOST_BYTES = 1 << 23;

const FIRST_TOPICS = 512;
const FIRST_BYTES = 1 << 14;

/** The times that it may start over until its numbers are used up. */
const LAST_ROUND = (1 << 14) - 1;

/** Neighbours that a topic is looked for in: many topics of one hash, sent on purpose, cost no more than that. */
const NEIGHBOURS = 8;

/** What the table has of a topic: hash, where its bytes are, how many, and its place among the names, from 1 on. */
const FIELDS = 4;

/**
 * Topic names of recently decoded packets: a topic that was there before is neither decoded nor checked again, and has
 * a number by which others find what they know of it. What it takes to find one of very many lies close together.
 *
 * When it is full it starts over. A number is never given to another topic.
 */
export class DecodedTopics {
  /** The number of the topic that was read last; 0 when it is not kept. */
  id = 0;
  private table = new Int32Array(2 * FIRST_TOPICS * FIELDS);
  private shift = 32 - Math.log2(2 * FIRST_TOPICS);
  private arena = new Uint8Array(FIRST_BYTES);
  private used = 0;
  private names: string[] = [];
  private round = 0;

  /** The topic name between two positions; undefined when it is not UTF-8 or holds U+0000 or a wildcard. */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start;
    if (length === 0) {
      this.id = 0;
      return '';
    }
    const hash = hashOf(bytes, start, end);
    const { table, arena } = this;
    const last = table.length - FIELDS;
    let at = this.indexOf(hash);
    for (let left = NEIGHBOURS; left > 0; left--) {
      if (table[at] === hash && table[at + 2] === length) {
        let known = table[at + 1] as number;
        let next = start;
        while (next < end && arena[known] === bytes[next]) {
          known++;
          next++;
        }
        if (next === end) {
          const place = table[at + 3] as number;
          this.id = this.round * MOST_TOPICS + place;
          return this.names[place - 1];
        }
      }
      at = at === last ? 0 : at + FIELDS;
    }
    const topic = readTopic(bytes, start, end);
    this.id = 0;
    if (topic !== undefined && length <= LONGEST) this.keep(topic, hash, bytes, start, length);
    return topic;
  }

  private keep(topic: string, hash: number, bytes: Uint8Array, start: number, length: number): void {
    const { names } = this;
    if (names.length === MOST_TOPICS - 1 || this.used + length > MOST_BYTES) this.startOver();
    else if (names.length * FIELDS * 2 >= this.table.length) this.enlarge();
    const place = this.round > LAST_ROUND ? 0 : this.names.length + 1;
    if (place === 0 || !this.enter(hash, this.used, length, place)) return;
    if (this.used + length > this.arena.length) {
      const larger = new Uint8Array(this.arena.length * 2);
      larger.set(this.arena);
      this.arena = larger;
    }
    this.arena.set(bytes.subarray(start, start + length), this.used);
    this.used += length;
    this.names.push(topic);
    this.id = this.round * MOST_TOPICS + place;
  }

  /** False when there is no room near the place where it would be looked for. */
  private enter(hash: number, start: number, length: number, place: number): boolean {
    const { table } = this;
    let at = this.indexOf(hash);
    for (let left = NEIGHBOURS; left > 0; left--) {
      if (table[at + 3] === 0) {
        table[at] = hash;
        table[at + 1] = start;
        table[at + 2] = length;
        table[at + 3] = place;
        return true;
      }
      at = at === table.length - FIELDS ? 0 : at + FIELDS;
    }
    return false;
  }

  private indexOf(hash: number): number {
    return (Math.imul(hash, 0x9e3779b1) >>> this.shift) * FIELDS;
  }

  private enlarge(): void {
    const small = this.table;
    this.table = new Int32Array(small.length * 2);
    this.shift--;
    for (let at = 0; at < small.length; at += FIELDS) {
      const place = small[at + 3] as number;
      if (place > 0) this.enter(small[at] as number, small[at + 1] as number, small[at + 2] as number, place);
    }
  }

  private startOver(): void {
    this.table.fill(0);
    this.used = 0;
    this.names = [];
    this.round++;
  }
}

/** Four bytes a step, because each step waits for the one before. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  let at = start;
  for (const last = end - 3; at < last; at += 4) {
    const word =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
    hash = Math.imul(hash ^ word, 0x01000193);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash | 0;
}

/** [MQTT-3.3.2-1], [MQTT-3.3.2-2] */
function readTopic(bytes: Uint8Array, start: number, end: number): string | undefined {
  const topic = readUtf8(bytes, start, end);
  return topic === undefined || hasWildcard(topic) ? undefined : topic;
}

function hasWildcard(topic: string): boolean {
  return topic.includes('#') || topic.includes('+');
}
