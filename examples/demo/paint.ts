import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A piece of a line, in one style. */
export type Span = string | readonly [Style, string];

export type Line = readonly Span[];

/** Turns a text into what the terminal shows in that style. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;

export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

/** Columns that a line takes. Each of its characters takes one. */
export const widthOf = (line: Line): number => line.reduce((sum, span) => sum + textOf(span).length, 0);

/** The line, filled up with blanks to a width, or cut there. */
export function fitted(line: Line, width: number): Line {
  const kept: Span[] = [];
  let left = Math.max(0, width);
  for (const span of line) {
    const text = textOf(span).slice(0, left);
    left -= text.length;
    kept.push(typeof span === 'string' ? text : [span[0], text]);
  }
  return left === 0 ? kept : [...kept, ' '.repeat(left)];
}

/** One text, no wider than the columns, without blanks at its end. */
export function painted(line: Line, columns: number, paint: Paint): string {
  return fitted(line, Math.min(columns, widthOf(line)))
    .map((span) => (typeof span === 'string' ? span : paint(span[0], span[1])))
    .join('')
    .trimEnd();
}

const textOf = (span: Span): string => (typeof span === 'string' ? span : span[1]);
