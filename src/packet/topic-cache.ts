import { BoundedCache } from '../topic/bounded-cache.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { readUtf8, utf8Length, writeUtf8 } from '../utf8.js';

const SLOTS = 1024;
/** Longer topics are not kept: the caches stay below a megabyte, whatever a peer sends. */
const LONGEST = 256;

/**
 * Topic names of recently decoded packets: a hot topic is neither decoded nor checked again. Direct-mapped. A topic
 * takes a slot when it is the one that missed there last time, too, so that a stream of ever other topics neither
 * displaces the hot ones nor pays for being remembered.
 */
export class DecodedTopics {
  private readonly slots: ({ readonly bytes: Uint8Array; readonly topic: string } | undefined)[] = new Array<undefined>(
    SLOTS,
  ).fill(undefined);
  /** The hash of the topic that missed last in each slot. */
  private readonly missed = new Int32Array(SLOTS);

  /** The topic name between two positions; undefined when it is not UTF-8 or holds U+0000 or a wildcard. */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start;
    if (length > LONGEST) return readTopic(bytes, start, end);
    let hash = length;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (SLOTS - 1);
    const hit = this.slots[slot];
    if (hit !== undefined && hit.bytes.length === length) {
      const known = hit.bytes;
      let index = 0;
      while (index < length && known[index] === bytes[start + index]) index++;
      if (index === length) return hit.topic;
    }
    const topic = readTopic(bytes, start, end);
    if (this.missed[slot] !== hash) this.missed[slot] = hash;
    else if (topic !== undefined) this.slots[slot] = { bytes: new Uint8Array(bytes.subarray(start, end)), topic };
    return topic;
  }
}

/** [MQTT-3.3.2-1], [MQTT-3.3.2-2] */
function readTopic(bytes: Uint8Array, start: number, end: number): string | undefined {
  const topic = readUtf8(bytes, start, end);
  return topic === undefined || hasWildcard(topic) ? undefined : topic;
}

function hasWildcard(topic: string): boolean {
  return topic.includes('#') || topic.includes('+');
}

/** The UTF-8 of topics that were sent lately, with the two bytes of their length in front. */
export class EncodedTopics {
  private readonly cache = new BoundedCache<string, Uint8Array>(2 * SLOTS);
  private lastTopic = '';
  private lastBytes: Uint8Array = new Uint8Array(2);

  /** The bytes of a topic name (an empty one included), or undefined when it cannot be sent. */
  bytesOf(topic: string): Uint8Array | undefined {
    if (topic === this.lastTopic) return this.lastBytes;
    let bytes = this.cache.get(topic);
    if (bytes === undefined) {
      bytes = encodeTopic(topic);
      if (bytes === undefined || bytes.length > LONGEST) return bytes;
      this.cache.set(topic, bytes);
    }
    this.lastTopic = topic;
    this.lastBytes = bytes;
    return bytes;
  }
}

function encodeTopic(topic: string): Uint8Array | undefined {
  if (topic !== '' && topicNameProblem(topic) !== undefined) return undefined;
  const length = utf8Length(topic);
  const bytes = new Uint8Array(2 + length);
  bytes[0] = length >>> 8;
  bytes[1] = length;
  writeUtf8(topic, bytes, 2);
  return bytes;
}
