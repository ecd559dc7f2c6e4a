import { topicFilterProblem } from '../../topic/topic-filter.js';
import { UsageError } from '../usage-error.js';
import { choice } from './option.js';

/** Selects messages of a filter. */
export const RETAINED = {
  retained: choice(['only', 'no'], 'only: the retained messages, then end; no: none of them', { short: 'R' }),
} as const;

/** @throws UsageError without any filter, and for one that breaks the rules. */
export function filtersOf(words: readonly string[]): readonly string[] {
  if (words.length === 0) throw new UsageError("a topic filter is missing; all topics are '#', in quotes");
  for (const word of words) {
    const problem = topicFilterProblem(word);
    if (problem !== undefined) throw new UsageError(`the topic filter '${word}' ${problem}`);
  }
  return words;
}
