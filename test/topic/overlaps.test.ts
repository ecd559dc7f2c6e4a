import fc from 'fast-check';
import { overlaps } from '../../src/topic/overlaps.js';
import { filters, matchesByLevels } from './arbitraries.js';

/** Every topic of up to five levels over the alphabet that the filters use, plus one level that no filter names. */
function everyTopic(): string[] {
  const levels = ['a', 'b', '', '$x', 'other'];
  const all: string[] = [];
  let longest = [...levels];
  for (let depth = 1; depth <= 5; depth++) {
    all.push(...longest.filter((topic) => topic !== ''));
    longest = longest.flatMap((head) => levels.map((level) => `${head}/${level}`));
  }
  return all;
}

describe('overlaps', () => {
  it.each([
    ['a/+', '+/b', true],
    ['a/#', 'a', true],
    ['a/#', 'b/#', false],
    ['a/+', 'a', false],
    ['a/+', 'a/+/c', false],
    ['+/+/#', 'a/b', true],
    ['+/+/#', 'a', false],
    ['#', '/', true],
    ['+', '#', true],
    ['#', '$SYS/#', false],
    ['+/a', '$SYS/a', false],
    ['$SYS/+', '$SYS/#', true],
    ['$share/g/a/+', 'a/b', true],
    ['$share/g/a/+', '$share/h/a/b', true],
    ['$share/g/a', '$share/g/b', false],
    ['+', '/#', false],
    ['+', '$share/g//#', false],
    ['/', '/#', true],
    ['+/#', '/#', true],
    ['$share/g/#', '$SYS/a', false],
  ])('of %s and %s is %s', (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected);
    expect(overlaps(b, a)).toBe(expected);
  });

  it('agrees with trying every topic of a small alphabet', () => {
    const candidates = everyTopic();
    fc.assert(
      fc.property(filters, filters, (a, b) => {
        const found = candidates.some((topic) => matchesByLevels(a, topic) && matchesByLevels(b, topic));
        expect(overlaps(a, b)).toBe(found);
      }),
      { numRuns: 1000 },
    );
  });
});
