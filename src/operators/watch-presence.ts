import type { Observable } from 'rxjs';
import type { MqttClient } from '../client/mqtt-client.js';
import { checkOptions, type Checks, oneOf, text } from '../options/check-options.js';
import type { QoS } from '../packet/packets.js';
import { topicTemplate, type TopicParams } from '../topic/topic-template.js';
import { latestByTopic } from './latest-by-topic.js';

/** Options of {@link watchPresence}. */
export interface WatchPresenceOptions {
  /** The payload of a client that is online; any other means offline. Default `'online'`. */
  readonly online?: string;
  /** The QoS of the subscription. Default 1. */
  readonly qos?: QoS;
}

/** Whether a client is online, and the named levels of its topic. */
export interface PresenceOf<Template extends string> {
  /** The named levels of the topic. */
  readonly params: TopicParams<Template>;
  /** Whether the client is online. */
  readonly online: boolean;
}

/**
 * Emits which clients are online, by topic, at the end of each tick in which something has changed. An entry that has
 * not changed is the same object in each map. Clearing the retained message of a topic removes its entry.
 *
 * Completes and errors as `subscribe` does. Holds one entry for each topic, at most 100 000. Unsubscribing
 * unsubscribes.
 *
 * @throws MqttError `INVALID_FILTER` for an invalid template.
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
