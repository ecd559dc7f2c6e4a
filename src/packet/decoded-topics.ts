import { readUtf8 } from '../utf8.js';

/** Longer topics are not kept. */
const LONGEST = 256;

/** A topic takes one block of bytes, or more where it is long: its length less 1, then its UTF-8. */
const BLOCK = 64;
/** Bits of the number of a block. With the strings and the table, all is below 24 MiB, whatever a peer sends. */
const BLOCK_BITS = 17;
const MOST_BLOCKS = 1 << BLOCK_BITS;
const FIRST_BLOCKS = 256;

/** How often it may start over until its numbers are used up. */
const LAST_ROUND = (1 << (31 - BLOCK_BITS)) - 1;

/** Neighbours that a topic is looked for in: many topics of one hash, sent on purpose, cost no more than that. */
const NEIGHBOURS = 8;

/**
 * Topic names of recently decoded packets: a topic that was there before is neither decoded nor checked again, and has
 * a number by which others find what they know of it. What it takes to find one of very many is small and lies close
 * together: what that costs is the misses of the processor's cache.
 *
 * When it is full it starts over. A number is never given to another topic.
 */
export class DecodedTopics {
  /** The number of the topic that was read last; 0 when it is not kept. */
  id = 0;
  /** By the low bits of the hash: its high bits, and the number of the first block; 0 where there is none. */
  private table = new Int32Array(2 * FIRST_BLOCKS);
  private blocks = new Uint8Array(FIRST_BLOCKS * BLOCK);
  private blockView = new DataView(this.blocks.buffer);
  /** By the number of the first block. Block 0 is not used. */
  private names: string[] = [''];
  private round = 0;
  /** Kept because what makes no difference would not be looked at. */
  near = 0;
  /** The number of the last topic that has one. */
  latest = 0;

  /** The topic of a number, if that is what stands between the two positions. */
  confirm(id: number, start: number, end: number, view: DataView): string | undefined {
    const block = id & (MOST_BLOCKS - 1);
    if (block === 0 || id >> BLOCK_BITS !== this.round || this.blocks[block * BLOCK] !== end - start - 1)
      return undefined;
    if (!this.isSame(block * BLOCK + 1, view, start, end)) return undefined;
    this.id = id;
    this.latest = id;
    return this.names[block];
  }

  /**
   * The topic name between two positions; undefined when it is not UTF-8 or holds U+0000 or a wildcard.
   * @param view - of the same bytes, of which it reads four at a time.
   * @param hash - of those between the positions.
   */
  find(bytes: Uint8Array, start: number, end: number, view: DataView, hash: number): string | undefined {
    const last = end - start - 1;
    this.id = 0;
    if (last < 0) return '';
    const { table } = this;
    const mask = table.length - 1;
    let at = hash & mask;
    for (let left = NEIGHBOURS; left > 0; left--) {
      const found = table[at] as number;
      if (found === 0) break;
      const known = isOther(found, hash) ? undefined : this.confirm(this.idOf(found), start, end, view);
      if (known !== undefined) return known;
      at = (at + 1) & mask;
    }
    const topic = readTopic(bytes, start, end);
    if (topic !== undefined && last < LONGEST) this.keep(topic, hash, bytes.subarray(start, end));
    return topic;
  }

  /**
   * Brings what it takes to find topics by their hashes near, for all of them at once instead of one after the other.
   * Also says which numbers they probably have.
   */
  approach(hashes: Int32Array, count: number, ids: Int32Array): void {
    const { table, blocks, names, round } = this;
    const mask = table.length - 1;
    for (let at = 0; at < count; at++) {
      const hash = hashes[at] as number;
      let slot = hash & mask;
      for (let left = NEIGHBOURS; left > 1 && isOther(table[slot] as number, hash); left--) slot = (slot + 1) & mask;
      ids[at] = (table[slot] as number) & (MOST_BLOCKS - 1);
    }
    let near = 0;
    for (let at = 0; at < count; at++) {
      const block = ids[at] as number;
      if (names[block] !== undefined) near += blocks[block * BLOCK] as number;
      ids[at] = round * MOST_BLOCKS + block;
    }
    this.near = near;
  }

  private isSame(known: number, view: DataView, start: number, end: number): boolean {
    const { blockView } = this;
    const last = end - 4;
    const offset = known - start;
    if (last < start) {
      while (start < end && blockView.getUint8(start + offset) === view.getUint8(start)) start++;
      return start === end;
    }
    for (let at = start; at < last; at += 4) {
      if (blockView.getInt32(at + offset, true) !== view.getInt32(at, true)) return false;
    }
    return blockView.getInt32(last + offset, true) === view.getInt32(last, true);
  }

  private keep(topic: string, hash: number, bytes: Uint8Array): void {
    const size = Math.ceil((bytes.length + 1) / BLOCK);
    if (this.names.length + size > MOST_BLOCKS) this.startOver();
    else if ((this.names.length + size) * BLOCK > this.blocks.length) this.enlarge();
    const block = this.names.length;
    if (this.round > LAST_ROUND || !this.enter(hash, block)) return;
    this.blocks[block * BLOCK] = bytes.length - 1;
    this.blocks.set(bytes, block * BLOCK + 1);
    this.names.push(topic);
    for (let more = size - 1; more > 0; more--) this.names.push('');
    this.id = this.idOf(block);
    this.latest = this.id;
  }

  /** The number of the topic that a slot of the table, or a block, stands for. */
  private idOf(slot: number): number {
    return this.round * MOST_BLOCKS + (slot & (MOST_BLOCKS - 1));
  }

  /** False when there is no room near the place where it would be looked for. */
  private enter(hash: number, block: number): boolean {
    const { table } = this;
    const mask = table.length - 1;
    let at = hash & mask;
    for (let left = NEIGHBOURS; left > 0; left--) {
      if (table[at] === 0) {
        table[at] = ((hash >>> BLOCK_BITS) << BLOCK_BITS) | block;
        return true;
      }
      at = (at + 1) & mask;
    }
    return false;
  }

  private enlarge(): void {
    const { blocks, names } = this;
    this.blocks = new Uint8Array(blocks.length * 2);
    this.blocks.set(blocks);
    this.blockView = new DataView(this.blocks.buffer);
    this.table = new Int32Array(this.table.length * 2);
    names.forEach((name, block) => {
      if (name === '') return;
      const start = block * BLOCK + 1;
      this.enter(hashOf(this.blockView, start, start + 1 + (blocks[start - 1] as number)), block);
    });
  }

  private startOver(): void {
    this.table.fill(0);
    this.names = [''];
    this.round++;
  }
}

/** Whether a slot of the table is taken by a topic with another hash. */
function isOther(found: number, hash: number): boolean {
  return found !== 0 && (found ^ hash) >>> BLOCK_BITS !== 0;
}

/** Four bytes a step, because each step waits for the one before; the last four overlap those before them. */
export function hashOf(view: DataView, start: number, end: number): number {
  let hash = 0;
  const last = end - 4;
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

/** [MQTT-3.3.2-1], [MQTT-3.3.2-2] */
function readTopic(bytes: Uint8Array, start: number, end: number): string | undefined {
  const topic = readUtf8(bytes, start, end);
  return topic === undefined || hasWildcard(topic) ? undefined : topic;
}

function hasWildcard(topic: string): boolean {
  return topic.includes('#') || topic.includes('+');
}
