import fc from 'fast-check';
import { isWithin } from '../../src/topic/is-within.js';
import { matches } from '../../src/topic/matches.js';
import { topicFilterProblem } from '../../src/topic/topic-filter.js';
import { topicNameProblem } from '../../src/topic/topic-name.js';

test.each([
  ['a', 'a', true],
  ['a/b', 'a/+', true],
  ['a/+', 'a/b', false],
  ['a/+', 'a/#', true],
  ['a', 'a/#', true],
  ['a/#', 'a/+', false],
  ['a/#', 'a/#', true],
  ['a/#', 'a/+/#', false],
  ['#', '+/#', true],
  ['/#', '/+/#', true],
  ['#', 'secret/#', false],
  ['$share/g/secret/#', 'secret/#', true],
  ['secret/x', '$share/g/secret/#', true],
  ['$SYS/x', '#', false],
  ['$SYS/x', '+/x', false],
  ['$SYS/#', '$SYS/#', true],
  ['+/a', '+', false],
  ['a', 'ab', false],
])('"%s" is within "%s": %s', (filter, outer, expected) => {
  expect(isWithin(filter, outer)).toBe(expected);
});

/** All texts of up to four levels over a small alphabet. */
function texts(levels: readonly string[], depth = 4): string[] {
  const all = [...levels];
  let last = [...levels];
  for (let at = 1; at < depth; at++) {
    last = last.flatMap((text) => levels.map((level) => `${text}/${level}`));
    all.push(...last);
  }
  return all;
}

test('agrees with matching every topic', () => {
  // A level that no filter names stands for all others.
  const topics = texts(['', 'a', '$b', 'other'], 5).filter((topic) => topicNameProblem(topic) === undefined);
  const filters = texts(['', 'a', '$b', '+', '#'], 3).filter((filter) => topicFilterProblem(filter) === undefined);
  const matched = new Map(filters.map((filter) => [filter, topics.map((topic) => matches(filter, topic))]));
  const covers = (outer: string, filter: string): boolean =>
    matched.get(filter)?.every((hit, at) => !hit || matched.get(outer)?.[at] === true) === true;
  fc.assert(
    fc.property(fc.constantFrom(...filters), fc.constantFrom(...filters), (filter, outer) => {
      expect(isWithin(filter, outer)).toBe(covers(outer, filter));
    }),
    { numRuns: 5000 },
  );
});
