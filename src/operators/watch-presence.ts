import type { Observable } from 'rxjs';
import type { MqttClient } from '../client/mqtt-client.js';
import { checkOptions, type Checks, oneOf, text } from '../options/check-options.js';
import type { QoS } from '../packet/packets.js';
import { topicTemplate, type TopicParams } from '../topic/topic-template.js';
import { latestByTopic } from './latest-by-topic.js';

export interface WatchPresenceOptions {
  /** The payload that tells that a client is there; with any other, it is not. Default `'online'`. */
  readonly online?: string;
  /** Of the subscription. Default 1. */
  readonly qos?: QoS;
}

/** Whether a client is there, and what its topic says about it. */
export interface PresenceOf<Template extends string> {
  readonly params: TopicParams<Template>;
  readonly online: boolean;
}

/**
 * Who is there, by topic: all that the topics of a template tell, once at the end of each tick in which something has
 * changed. What has not changed is the same object in each map. A topic whose retained message is cleared goes.
 *
 * Completes and errors as `subscribe` does. Holds an entry for each topic, 100 000 at most. Unsubscribing unsubscribes.
 *
 * @throws MqttError `INVALID_FILTER` for a template that cannot be read.
 *
 * ```ts
 * watchPresence(client, 'fleet/{id}/status').subscribe((fleet) => {
 *   for (const { params, online } of fleet.values()) show(params.id, online);
 * });
 * ```
 */
export function watchPresence<Template extends string>(
  client: Pick<MqttClient, 'subscribe'>,
  template: Template,
  options: WatchPresenceOptions = {},
): Observable<ReadonlyMap<string, PresenceOf<Template>>> {
  const known: Checks<WatchPresenceOptions> = { online: text, qos: oneOf(0, 1, 2) };
  const { online = 'online', qos = 1 } = checkOptions<WatchPresenceOptions>(options, known, 'watchPresence');
  const topics = topicTemplate(template);
  return client.subscribe(topics.filter, { qos }).pipe(
    latestByTopic<PresenceOf<Template>>({
      map(message, previous) {
        const isOnline = message.text() === online;
        if (previous?.online === isOnline) return previous;
        return { params: topics.params(message.topic) as TopicParams<Template>, online: isOnline };
      },
    }),
  );
}
