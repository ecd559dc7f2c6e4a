import { topicNameProblem } from '../../topic/topic-name.js';
import { UsageError } from '../usage-error.js';

/** @throws UsageError for an invalid topic name. */
export function checkTopic(topic: string): void {
  const problem = topicNameProblem(topic);
  if (problem !== undefined) throw new UsageError(`the topic ${problem}`);
}

/** The arguments `TOPIC [PAYLOAD]`. @throws UsageError when there are others. */
export function topicAndPayload([topic, payload = '', ...more]: readonly string[]): readonly [string, string] {
  if (topic === undefined) throw new UsageError('a topic is missing');
  // Not shown, because they are most likely words of the payload.
  if (more.length > 0) throw new UsageError('there are arguments after the payload; put the payload in quotes');
  checkTopic(topic);
  return [topic, payload];
}
