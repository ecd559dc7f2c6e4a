import type { Observable } from 'rxjs';
import { operate } from '../rx/operate.js';
import { topicTemplate, type TopicParams } from '../topic/topic-template.js';

/** A message with the named levels of its topic. */
export interface WithTopic<Template extends string, M> {
  /** The named levels of the topic. */
  readonly params: TopicParams<Template>;
  /** The message itself. */
  readonly message: M;
}

/**
 * The topic filter of a template: each named level becomes `+`. Other wildcards and a leading `$share/<group>/` stay.
 *
 * @throws MqttError `INVALID_FILTER` when the template or its filter is invalid.
 *
 * ```ts
 * topicFilter('site/{site}/temperature'); // 'site/+/temperature'
 * ```
 */
export function topicFilter(template: string): string {
  return topicTemplate(template).filter;
}

/**
 * Emits each message with the named levels of its topic, typed by the template. Drops messages whose topic does not
 * match, so that several templates can split one stream.
 *
 * Completes and errors with the source. Holds nothing; unsubscribing unsubscribes from the source.
 *
 * @throws MqttError `INVALID_FILTER` when the template is invalid.
 *
 * ```ts
 * const template = 'site/{site}/temperature';
 * client.subscribe(topicFilter(template)).pipe(withTopic(template))
 *   .subscribe(({ params, message }) => show(params.site, message.text()));
 * ```
 */
export function withTopic<Template extends string>(
  template: Template,
): <M extends { readonly topic: string }>(source: Observable<M>) => Observable<WithTopic<Template, M>> {
  const topics = topicTemplate(template);
  return <M extends { readonly topic: string }>(source: Observable<M>) =>
    source.pipe(
      operate<M, WithTopic<Template, M>>((subscriber) => (message) => {
        const params = topics.params(message.topic);
        if (params !== undefined) subscriber.next({ params, message });
      }),
    );
}
