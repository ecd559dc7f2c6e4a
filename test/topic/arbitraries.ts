import fc from 'fast-check';

/** Few different levels, so that random filters and topics do meet; among them the empty and the `$` level. */
const LEVELS = ['a', 'b', '', '$x'] as const;

/** Valid topic names. */
export const topics = fc
  .array(fc.constantFrom(...LEVELS), { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '');

/** Valid topic filters without a share. */
export const filters = fc
  .tuple(fc.array(fc.constantFrom(...LEVELS, '+', '+'), { maxLength: 4 }), fc.boolean())
  .map(([levels, hash]) => [...levels, ...(hash ? ['#'] : [])].join('/'))
  .filter((filter) => filter !== '');

/** The rules of section 4.7 put down as plainly as possible. */
export function matchesByLevels(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const levels = topic.split('/');
  const wanted = filter.split('/');
  const hash = wanted.at(-1) === '#';
  if (hash) wanted.pop();
  if (hash ? levels.length < wanted.length : levels.length !== wanted.length) return false;
  return wanted.every((level, at) => level === '+' || level === levels[at]);
}
