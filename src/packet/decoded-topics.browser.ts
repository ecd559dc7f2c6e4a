import { topicNameProblem } from '../topic/topic-name.js';
import { readUtf8 } from '../utf8.js';
import type { DecodedTopics as Numbered } from './decoded-topics.js';

/** Takes the place of the table of topics in browsers: each is decoded anew, and none has a number. */
export class DecodedTopics implements Pick<Numbered, 'id' | 'areMany' | 'read'> {
  readonly id = 0;
  readonly areMany = false;

  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const topic = readUtf8(bytes, start, end);
    return topic === undefined || (topic !== '' && topicNameProblem(topic) !== undefined) ? undefined : topic;
  }
}
