import { ErrorCode, MqttError } from '../errors.js';
import { matches } from './matches.js';
import { parseShare, topicFilterProblem } from './topic-filter.js';
import { topicNameProblem } from './topic-name.js';

type LevelName<Level extends string> = Level extends `{${infer Name}}` ? Name : never;
type LevelNames<Template extends string> = string extends Template
  ? string
  : Template extends `${infer Level}/${infer Rest}`
    ? LevelName<Level> | LevelNames<Rest>
    : LevelName<Template>;
type Wildcard = `${string}+${string}` | `${string}#${string}`;

/**
 * The named levels of a template, as a topic holds them: `'site/{site}/temperature'` gives `{ readonly site: string }`.
 */
export type TopicParams<Template extends string> =
  string extends LevelNames<Template>
    ? // Not a literal, so its level names are unknown.
      Readonly<Record<string, string | undefined>>
    : Readonly<Record<LevelNames<Template>, string>>;

/** The named levels of a template, to make a topic of. A template with wildcards makes no topic. */
export type TopicLevels<Template extends string> = Template extends Wildcard
  ? never
  : Readonly<Record<LevelNames<Template>, string | number>>;

/** A family of topics with named levels, to be written and read; see {@link topicTemplate}. */
export interface TopicTemplate<Template extends string = string> {
  /** The template as it was given. */
  readonly template: Template;
  /** The topic filter: each named level is `+`. Other wildcards and a `$share/<group>/` in front stay as they are. */
  readonly filter: string;
  /**
   * The topic with these levels. `params` reads the same levels out of it.
   * @throws MqttError `INVALID_TOPIC` for a level that is missing, is not a string or number, holds a `/`, or makes no
   * valid topic of this template; and for a template with wildcards.
   */
  name(levels: TopicLevels<Template>): string;
  /** The named levels of a topic; undefined when the template does not match it. */
  params(topic: string): TopicParams<Template> | undefined;
}

const NAMED_LEVEL = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/;

/**
 * Reads a template such as `plant/{plant}/{line}`, in which whole levels have names.
 *
 * @throws MqttError `INVALID_FILTER` when the template cannot be read, or does not give a valid filter.
 *
 * ```ts
 * const line = topicTemplate('plant/{plant}/{line}');
 * line.filter; // 'plant/+/+'
 * line.name({ plant: 'north', line: 4 }); // 'plant/north/4'
 * line.params('plant/north/4'); // { plant: 'north', line: '4' }
 * ```
 */
export function topicTemplate<Template extends string>(template: Template): TopicTemplate<Template> {
  const { filter, levels, names } = read(template);
  return {
    template,
    filter,
    name(given) {
      const filled = [...levels];
      for (const [name, at] of names)
        filled[at] = levelText(template, name, (Object(given) as Record<string, unknown>)[name]);
      const topic = filled.join('/');
      const problem =
        topicNameProblem(topic) ?? (matches(filter, topic) ? undefined : 'begins with "$", which "+" does not match');
      if (problem !== undefined) throw invalidTopic(template, `would be a topic that ${problem}`);
      return topic;
    },
    params(topic) {
      if (!matches(filter, topic)) return undefined;
      const found = topic.split('/');
      const params: Record<string, string> = {};
      for (const [name, at] of names) params[name] = found[at] as string;
      return params as TopicParams<Template>;
    },
  };
}

/** A parsed template. The levels are those of topics, without a share. */
interface Parts {
  readonly filter: string;
  readonly levels: readonly string[];
  readonly names: readonly (readonly [name: string, level: number])[];
}

function read(template: string): Parts {
  if (typeof template !== 'string') throw invalidFilter(String(template), 'is not a string');
  const offset = template.length - (parseShare(template)?.filter ?? template).length;
  const levels = template.slice(offset).split('/');
  const names: [string, number][] = [];
  const seen = new Set<string>();
  const wild = levels.map((level, at) => {
    if (!level.includes('{') && !level.includes('}')) return level;
    const name = NAMED_LEVEL.exec(level)?.[1];
    if (name === undefined) {
      throw invalidFilter(template, `has the level "${level}", but a named level is a whole level like {site}`);
    }
    if (seen.has(name)) throw invalidFilter(template, `names {${name}} twice`);
    seen.add(name);
    names.push([name, at]);
    return '+';
  });
  const filter = template.slice(0, offset) + wild.join('/');
  const problem = topicFilterProblem(filter);
  if (problem !== undefined) throw invalidFilter(template, problem);
  return { filter, levels, names };
}

function levelText(template: string, name: string, level: unknown): string {
  if (typeof level !== 'string' && !Number.isFinite(level)) {
    throw invalidTopic(template, `has no string or finite number for {${name}}`);
  }
  const text = String(level);
  if (text.includes('/')) throw invalidTopic(template, `would have a "/" in the level {${name}}`);
  return text;
}

function invalidFilter(template: string, problem: string): MqttError {
  return new MqttError(`topic template "${template}": it ${problem}; write it like site/{site}/temperature`, {
    code: ErrorCode.INVALID_FILTER,
  });
}

function invalidTopic(template: string, problem: string): MqttError {
  return new MqttError(`name of topic template "${template}": it ${problem}; give each level a text of its own`, {
    code: ErrorCode.INVALID_TOPIC,
  });
}
