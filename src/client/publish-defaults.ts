import { isRecord } from '../options/check-options.js';
import { topicFilterProblem } from '../topic/topic-filter.js';
import { matches } from '../topic/matches.js';
import type { PublishDefaults, PublishOptions } from './client-options.js';

/** Completes the options of one publish with the defaults. */
export type ApplyDefaults = (topic: string, options: PublishOptions | undefined) => PublishOptions | undefined;

const noDefaults: ApplyDefaults = (_topic, options) => options;

/**
 * @throws TypeError for an invalid topic filter.
 */
export function publishDefaults(defaults: PublishDefaults | undefined): ApplyDefaults {
  if (defaults === undefined) return noDefaults;
  const { topics = {}, ...everywhere } = defaults;
  const byTopic = Object.entries(topics);
  for (const [filter] of byTopic) {
    const problem = topicFilterProblem(filter);
    if (problem !== undefined) throw new TypeError(`connect: defaults.topics: the topic filter "${filter}" ${problem}`);
  }
  return (topic, options) => {
    // `toOutgoing` refuses it, on the Observable.
    if (typeof topic !== 'string' || !isRecord(options ?? {})) return options;
    const own = byTopic.find(([filter]) => matches(filter, topic))?.[1];
    const qos = options?.qos ?? own?.qos ?? everywhere.qos;
    const retain = options?.retain ?? own?.retain ?? everywhere.retain;
    return { ...options, ...(qos === undefined ? {} : { qos }), ...(retain === undefined ? {} : { retain }) };
  };
}
