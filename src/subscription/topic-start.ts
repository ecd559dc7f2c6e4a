import { matchingStart } from '../topic/topic-filter.js';

/** Prefixes that brokers have of their own: such messages come under the topic without it, as behind `$share/<group>/`. */
const BROKER_PREFIXES = ['$queue/', '$exclusive/', '$q/'] as const;

/** Where the topics begin that come for a filter: after `$share/<group>/` or the prefix of a broker, else at 0. */
export function topicStart(filter: string): number {
  if (!filter.startsWith('$')) return 0;
  const prefix = BROKER_PREFIXES.find((known) => filter.startsWith(known) && filter.length > known.length);
  return prefix?.length ?? matchingStart(filter);
}
