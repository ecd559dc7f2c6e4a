import fc from 'fast-check';
import { printable, quoted } from '../src/quoted.js';

const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('text of strangers', () => {
  it.each([
    ['as it is', 'Grüße, 世界 😀', '"Grüße, 世界 😀"'],
    ['a new line', 'a\r\nb', '"a\\r\\nb"'],
    ['a quote and a backslash', '"\\', '"\\"\\\\"'],
    ['an escape sequence of a terminal', '\u001b[2J\u009b', '"\\u001b[2J\\u009b"'],
    ['a change of direction', 'a\u202eb\u2066', '"a\\u202eb\\u2066"'],
    ['separators of lines and paragraphs', '\u2028\u2029', '"\\u2028\\u2029"'],
    ['a hidden tag', '\u{e0041}', '"\\u{e0041}"'],
    ['half a pair', '\ud83d', '"\\ud83d"'],
  ])('shows %s', (_title, text, shown) => {
    expect(quoted(text)).toBe(shown);
  });

  it('truncates a text longer than 200', () => {
    expect(quoted('x'.repeat(200))).toBe(`"${'x'.repeat(200)}"`);
    expect(quoted('x'.repeat(65_535))).toBe(`"${'x'.repeat(200)}…"`);
    expect(printable('x'.repeat(65_535))).toBe(`${'x'.repeat(200)}…`);
  });

  it('is harmless for any text, and ends where the quotes end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(printable(text)).not.toMatch(HARMFUL);
        expect(quoted(text)).not.toMatch(HARMFUL);
        expect(quoted(text)).toMatch(/^"([^"\\]|\\.)*"$/su);
      }),
      { numRuns: 2000 },
    );
  });
});
