import { topicFilterProblem } from '../../topic/topic-filter.js';
import { matches } from '../../topic/matches.js';
import { UsageError } from '../usage-error.js';

/** Maps a topic to another one; undefined if the rule does not match. */
export type TopicMap = (topic: string) => string | undefined;

/**
 * A rule such as `a/#=>b/#` or `+/temp/+=>t/+/+`. The wildcards on the right take the levels that those on the left
 * have matched, in order; further levels are left out.
 * @throws UsageError
 */
export function topicMapOf(given: string): TopicMap {
  const [from = '', to = '', more] = given.split('=>');
  if (from === '' || to === '' || more !== undefined) throw new UsageError(`is not FROM=>TO: '${given}'`);
  for (const side of [from, to]) {
    const problem = topicFilterProblem(side);
    if (problem !== undefined) throw new UsageError(`holds '${side}', which ${problem}`);
  }
  const [left, right] = [from.split('/'), to.split('/')];
  const count = (levels: readonly string[], wildcard: string): number =>
    levels.filter((level) => level === wildcard).length;
  if (count(right, '+') > count(left, '+') || count(right, '#') > count(left, '#')) {
    throw new UsageError(`has more wildcards on the right than on the left: '${given}'`);
  }
  return (topic) => {
    if (!matches(from, topic)) return undefined;
    const levels = topic.split('/');
    const single = left.flatMap((level, at) => (level === '+' ? [levels[at] ?? ''] : []));
    const rest = left.at(-1) === '#' ? levels.slice(left.length - 1) : [];
    return right
      .flatMap((level) => (level === '#' ? rest : level === '+' ? [single.shift() ?? ''] : [level]))
      .join('/');
  };
}

/** Applies the first rule that matches; without one the topic stays. */
export function mapped(topic: string, rules: readonly TopicMap[]): string {
  for (const rule of rules) {
    const other = rule(topic);
    if (other !== undefined) return other;
  }
  return topic;
}
