import { topicNameProblem } from '../topic/topic-name.js';
import { readUtf8 } from '../utf8.js';
import type { IncomingTopics as Remembered } from './incoming-topics.js';

/** Takes the place of remembering topics in browsers: each is decoded anew, and none has a number. */
export class IncomingTopics implements Pick<Remembered, 'id' | 'looks' | 'read'> {
  readonly id = 0;
  readonly looks = 0;

  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const topic = readUtf8(bytes, start, end);
    return topic === undefined || (topic !== '' && topicNameProblem(topic) !== undefined) ? undefined : topic;
  }
}
