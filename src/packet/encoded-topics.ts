import { BoundedCache } from '../topic/bounded-cache.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { utf8Length, writeUtf8 } from '../utf8.js';

/** The capacity of the cache. */
const CAPACITY = 2048;
/** Longer topics are not cached, which keeps the cache below a megabyte. */
const LONGEST = 256;

/** Caches the UTF-8 of recently sent topics, prefixed with the two bytes of their length. */
export class EncodedTopics {
  private readonly cache = new BoundedCache<string, Uint8Array>(CAPACITY);
  private lastTopic = '';
  private lastBytes: Uint8Array = new Uint8Array(2);

  /** The bytes of a topic name, which may be empty; undefined if it cannot be sent. */
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
