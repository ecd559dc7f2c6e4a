import type { Observable } from 'rxjs';
import { operate } from '../rx/operate.js';
import { topicTemplate, type TopicParams } from '../topic/topic-template.js';

/** A message with the named levels of its topic. */
export interface WithTopic<Template extends string, M> {
  readonly params: TopicParams<Template>;
  readonly message: M;
}

/**
 * The topic filter that a template stands for: each named level becomes `+`. Other wildcards and a `$share/<group>/`
 * in front stay as they are.
 *
 * @throws MqttError `INVALID_FILTER` when the template cannot be read, or does not give a valid filter.
 *
 * ```ts
 * topicFilter('site/{site}/temperature'); // 'site/+/temperature'
 * ```
 */
export function topicFilter(template: string): string {
  return topicTemplate(template).filter;
}

/**
 * Emits each message together with the named levels of its topic, typed by the template. Messages whose topic does not
 * match the template are left out, so that one stream can be split by several templates.
 *
 * Completes and errors with the source. Holds nothing; unsubscribing unsubscribes from the source.
 *
 * @throws MqttError `INVALID_FILTER` when it is called with a template that cannot be read.
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
