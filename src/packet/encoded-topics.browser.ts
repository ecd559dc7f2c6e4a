import { topicNameProblem } from '../topic/topic-name.js';
import { encodeUtf8 } from '../utf8.js';
import type { EncodedTopics as Cached } from './encoded-topics.js';

/** Takes the place of the cache of topics in browsers: each is encoded anew. */
export class EncodedTopics implements Pick<Cached, keyof Cached> {
  bytesOf(topic: string): Uint8Array | undefined {
    if (topic !== '' && topicNameProblem(topic) !== undefined) return undefined;
    const text = encodeUtf8(topic);
    const bytes = new Uint8Array(2 + text.length);
    new DataView(bytes.buffer).setUint16(0, text.length);
    bytes.set(text, 2);
    return bytes;
  }
}
