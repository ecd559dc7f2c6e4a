import { fitted, type Line, type Span } from './paint.js';
import type { View } from './view.js';

const CODE_WIDTH = 44;

/** Columns of the code and of the notes beside it. */
export const CODE_PANE_WIDTH = CODE_WIDTH + 16;

/** What the line of code that begins with a text does at the moment. */
const NOTES: readonly (readonly [beginning: string, note: (view: View) => string])[] = [
  ['interval(', ({ table }) => `${table.size} sensors`],
  ['mergeMap((reading) => publish', ({ published }) => `${published} confirmed`],
  ['client.subscribe(', ({ cutFor }) => (cutFor === undefined ? 'subscribed' : 'no connection')],
  ['tap(received', ({ received }) => `${received} readings`],
  ['groupBy(', ({ table }) => `${table.size} sites`],
  ['mergeMap(rolling', ({ table }) => `${table.size} windows`],
  ['scan(', ({ table }) => `${table.size} rows`],
  ['auditTime(', () => '10 tables/s'],
];

/** Code, and beside each line of it what it does. */
export function drawCode(code: readonly string[], view: View): Line[] {
  return code.map((text) => {
    const note = NOTES.find(([beginning]) => text.trimStart().startsWith(beginning))?.[1];
    const line = highlighted(text);
    return note === undefined ? line : [...fitted(line, CODE_WIDTH), ['yellow', note(view)]];
  });
}

/** Strings in green, what is called in cyan. */
function highlighted(text: string): Line {
  return text.split(/('[^']*'|\b\w+(?=[(<]))/).map((part, at): Span => {
    if (at % 2 === 0) return part;
    return [part.startsWith("'") ? 'green' : 'cyan', part];
  });
}
