import { TestScheduler } from 'rxjs/testing';
import { showMs } from './duration.js';

/** One letter of a diagram, and its frame. */
export interface Mark {
  readonly frame: number;
  readonly letter: string;
}

/** A letter that no diagram uses. */
const END = '\u2403';

/** RxJS reads a time at the end of a diagram only if a space follows. */
export const closed = (marbles: string): string => `${marbles} `;

/** The letters of a diagram as RxJS reads it in run mode, each as its own value. */
export const parseLetters = (marbles: string): ReturnType<typeof TestScheduler.parseMarbles> =>
  TestScheduler.parseMarbles(closed(marbles), undefined, undefined, false, true);

/** The frames that a diagram takes in RxJS's run mode. */
export const lengthOf = (marbles: string): number => parseLetters(closed(marbles) + END).at(-1)?.frame ?? 0;

/** `^` and `!` count as frames. */
export const lengthOfSubscription = (marbles: string): number => lengthOf(marbles.replace('^', 's').replace('!', 'u'));

/** The letters of a diagram that neither ends nor fails.
 * @throws Error for a letter that has no value.
 */
export function parseDiagram(marbles: string, values: Readonly<Record<string, unknown>> | undefined): Mark[] {
  if (/[|#^!]/.test(marbles)) {
    throw new Error(
      `the diagram "${marbles}" has one of | # ^ ! in it: packets, states and messages have no end and no error`,
    );
  }
  return parseLetters(marbles).map(({ frame, notification }) => {
    const letter = notification.kind === 'N' ? String(notification.value) : '';
    if (!(letter in (values ?? {}))) {
      throw new Error(`the diagram "${marbles}" has a letter "${letter}" without a value; ${remedy(marbles, letter)}`);
    }
    return { frame, letter };
  });
}

/** A hint for a letter without a value. */
export function remedy(marbles: string, letter: string): string {
  const number = /(?:^|\s)(\d+)(?=\s|$)/.exec(marbles)?.[1];
  if (number?.includes(letter) === true) return `time needs a unit: ${number}ms`;
  return `add { ${letter}: ... }`;
}

/** The marks that overlap the characters of the group before them, which RxJS's diagrams cannot show. */
export function overlapping(marks: readonly Mark[]): Mark[] {
  const found: Mark[] = [];
  let free = 0;
  for (const frame of new Set(marks.map((mark) => mark.frame))) {
    const group = marks.filter((mark) => mark.frame === frame);
    if (frame < free) found.push(...group);
    free = Math.max(free, frame) + widthOf(group.length);
  }
  return found;
}

/** Draws marks as a diagram, in frames of 1 ms. */
export function drawDiagram(marks: readonly Mark[]): string {
  let drawn = '';
  let at = 0;
  for (let index = 0; index < marks.length;) {
    const { frame } = marks[index] as Mark;
    let letters = '';
    for (let mark = marks[index]; mark?.frame === frame; mark = marks[++index]) letters += mark.letter;
    drawn += gap(frame - at) + (letters.length === 1 ? letters : `(${letters})`);
    at = Math.max(at, frame) + widthOf(letters.length);
  }
  return drawn.trim().replace(/ {2,}/g, ' ') || '(nothing)';
}

/** A group takes one frame for each of its characters. */
const widthOf = (letters: number): number => (letters === 1 ? 1 : letters + 2);

const gap = (frames: number): string => {
  if (frames <= 0) return '';
  return frames < 10 ? '-'.repeat(frames) : ` ${showMs(frames)} `;
};
