import fc from 'fast-check';
import { ErrorCode } from '../../src/errors.js';
import { matches } from '../../src/topic/matches.js';
import { topicTemplate, type TopicLevels } from '../../src/topic/topic-template.js';

/** True when both types are the same. */
type Same<A, B> = [A, B] extends [B, A] ? true : false;

const line = topicTemplate('plant/{plant}/{line}');

describe('topicTemplate', () => {
  it('is a filter, makes topics and reads them, typed both ways', () => {
    expect(line.template).toBe('plant/{plant}/{line}');
    expect(line.filter).toBe('plant/+/+');
    expect(line.name({ plant: 'north', line: 4 })).toBe('plant/north/4');
    const params: { readonly plant: string; readonly line: string } | undefined = line.params('plant/north/4');
    expect(params).toEqual({ plant: 'north', line: '4' });
    expect(line.params('plant/north')).toBeUndefined();
    expect(line.params('plant/north/4/state')).toBeUndefined();
  });

  it.each<[string, Record<string, string | number>, string]>([
    ['site/{site}', { site: '' }, 'site/'],
    ['{a}/{b}', { a: '', b: 0 }, '/0'],
    ['{a}', { a: 'x y' }, 'x y'],
    ['$share/g/site/{site}', { site: 'berlin' }, 'site/berlin'],
    ['$SYS/{a}', { a: 'uptime' }, '$SYS/uptime'],
    ['a/b', {}, 'a/b'],
  ])('%s with %j is %s', (template, levels, topic) => {
    const topics = topicTemplate(template);
    expect(topics.name(levels)).toBe(topic);
    expect(topics.params(topic)).toEqual(
      Object.fromEntries(Object.entries(levels).map(([name, level]) => [name, String(level)])),
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a/{b}', {}, 'it has no string or finite number for {b}'],
    ['a/{constructor}', {}, 'it has no string or finite number for {constructor}'],
    ['a/{b}', { b: null }, 'it has no string or finite number for {b}'],
    ['a/{b}', { b: 'x/y' }, 'it would have a "/" in the level {b}'],
    ['a/{b}', { b: '+' }, 'it would be a topic that holds the wildcard "+"'],
    ['a/{b}', { b: 'x#' }, 'it would be a topic that holds the wildcard "#"'],
    ['a/{b}', { b: '\0' }, 'it would be a topic that holds U+0000'],
    ['{a}', { a: '' }, 'it would be a topic that is empty'],
    ['{a}/b', { a: '$SYS' }, 'it would be a topic that begins with "$"'],
    ['{a}/+', { a: 'x' }, 'it would be a topic that holds the wildcard "+"'],
    ['{a}/#', { a: 'x' }, 'it would be a topic that holds the wildcard "#"'],
  ])('name() of %s refuses %j and says why', (template, levels, problem) => {
    const { name } = topicTemplate(template) as { name(levels: unknown): string };
    expect(() => name(levels)).toThrow(
      expect.objectContaining({
        code: ErrorCode.INVALID_TOPIC,
        message: expect.stringContaining(`topic template "${template}": ${problem}`) as string,
      }) as Error,
    );
  });

  it('takes the levels that the template has, and no topic is made of wildcards', () => {
    const levels: Same<keyof Parameters<typeof line.name>[0], 'plant' | 'line'> = true;
    const none: Same<TopicLevels<'{a}/#'>, never> = true;
    expect([levels, none]).toEqual([true, true]);
  });

  it('reads every topic that it has made', () => {
    const level = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(level, level, (plant, other) => {
        let topic: string;
        try {
          topic = line.name({ plant, line: other });
        } catch (error) {
          expect(error).toHaveProperty('code', ErrorCode.INVALID_TOPIC);
          expect(`${plant} ${other}`).toMatch(/[/+#\0]|\p{Cs}/u);
          return;
        }
        expect(matches(line.filter, topic)).toBe(true);
        expect(line.params(topic)).toEqual({ plant, line: other });
      }),
    );
  });
});
