import { BoundedCache } from '../topic/bounded-cache.js';
import { topicNameProblem } from '../topic/topic-name.js';
import { utf8Length, writeUtf8 } from '../utf8.js';

/** Topics that are kept at most. */
const CAPACITY = 2048;
/** Longer ones are not kept: the cache stays below a megabyte, whatever is sent. */
const LONGEST = 256;

/** The UTF-8 of topics that were sent lately, with the two bytes of their length in front. */
export class EncodedTopics {
  private readonly cache = new BoundedCache<string, Uint8Array>(CAPACITY);
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
