import type { VirtualAction } from './virtual-action.js';

/** What is left of a test in virtual time, in words, with the lines that it comes from. */
export function describeLeftovers(actions: readonly VirtualAction[], now: number): string[] {
  return actions.map(({ due, immediate, origin }) => {
    const stack = origin?.stack ?? '';
    const when = immediate ? 'at once' : `in ${due - now} ms`;
    return `${kindOf(stack)} (due ${when})${placeOf(stack)}`;
  });
}

function kindOf(stack: string): string {
  if (stack.includes('HotObservable')) return 'an event of t.hot';
  if (stack.includes('ColdObservable')) return 'an event of t.cold or t.messages';
  return 'a timer';
}

/** The line that set it: the first that belongs neither to RxJS nor to this package. */
function placeOf(stack: string): string {
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const own = lines.find((line) => !isForeign(line));
  const line = own ?? lines.find((one) => !one.includes('/rxjs/') && !one.includes('/testing/'));
  return line === undefined ? '' : `, set ${line.trim()}`;
}

const isForeign = (line: string): boolean => /\/node_modules\/|node:internal|\(node:/.test(line) || line.includes(ROOT);

/** The folder of this package's code, as stacks name it. */
const ROOT = rootOf(new Error().stack ?? '');

function rootOf(stack: string): string {
  const line = stack.split('\n').find((one) => /^\s+at /.test(one)) ?? '';
  const path = /(?:file:\/\/)?(\/[^():]*|[A-Za-z]:[^():]*)/.exec(line)?.[1] ?? '';
  const root = /^.*\/(?:src|dist)\//.exec(path)?.[0];
  return root ?? '\u0000';
}
