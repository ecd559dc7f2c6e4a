import type { Observable, OperatorFunction } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import { operate } from '../rx/operate.js';
import { matches } from '../topic/matches.js';
import { parseShare, topicFilterProblem } from '../topic/topic-filter.js';

type LevelName<Level extends string> = Level extends `{${infer Name}}` ? Name : never;
type LevelNames<Template extends string> = Template extends `${infer Level}/${infer Rest}`
  ? LevelName<Level> | LevelNames<Rest>
  : LevelName<Template>;

/** The named levels of a template: `'site/{site}/temperature'` gives `{ readonly site: string }`. */
export type TopicParams<Template extends string> = Readonly<Record<LevelNames<Template>, string>>;

/** A message with the named levels of its topic. */
export interface WithTopic<Template extends string, M> {
  readonly params: TopicParams<Template>;
  readonly message: M;
}

/** A parsed template: its filter, and the positions of its named levels. */
interface ParsedTemplate {
  readonly filter: string;
  readonly names: readonly (readonly [name: string, level: number])[];
}

const NAMED_LEVEL = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/;

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
  return parseTemplate(template).filter;
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
  const parsed = parseTemplate(template);
  return <M extends { readonly topic: string }>(source: Observable<M>) => source.pipe(readLevels<Template, M>(parsed));
}

function readLevels<Template extends string, M extends { readonly topic: string }>(
  parsed: ParsedTemplate,
): OperatorFunction<M, WithTopic<Template, M>> {
  const { filter, names } = parsed;
  return operate((subscriber) => (message) => {
    if (!matches(filter, message.topic)) return;
    const levels = message.topic.split('/');
    const params: Record<string, string> = {};
    for (const [name, level] of names) params[name] = levels[level] as string;
    subscriber.next({ params: params as TopicParams<Template>, message });
  });
}

function parseTemplate(template: string): ParsedTemplate {
  if (typeof template !== 'string') throw invalid(String(template), 'is not a string');
  const names: [string, number][] = [];
  const seen = new Set<string>();
  // Count the levels of a topic, which has no share.
  const offset = template.length - (parseShare(template)?.filter ?? template).length;
  const levels = template
    .slice(offset)
    .split('/')
    .map((level, at) => {
      if (!level.includes('{') && !level.includes('}')) return level;
      const name = NAMED_LEVEL.exec(level)?.[1];
      if (name === undefined) {
        throw invalid(template, `has the level "${level}", but a named level is a whole one like {site}`);
      }
      if (seen.has(name)) throw invalid(template, `names {${name}} twice`);
      seen.add(name);
      names.push([name, at]);
      return '+';
    });
  const filter = template.slice(0, offset) + levels.join('/');
  const problem = topicFilterProblem(filter);
  if (problem !== undefined) throw invalid(template, problem);
  return { filter, names };
}

function invalid(template: string, problem: string): MqttError {
  return new MqttError(`topic template "${template}": it ${problem}; write it like site/{site}/temperature`, {
    code: ErrorCode.INVALID_FILTER,
  });
}
