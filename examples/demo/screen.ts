import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import type { Size } from './draw.js';
import { coloured, type Paint, plain } from './paint.js';

/** A terminal, or what output is piped into. */
export type Output = Pick<WriteStream, 'write'> &
  Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows' | 'hasColors'>>;

/** Where the demo is seen: a terminal, whose drawing is renewed in its place, or a plain stream of lines. */
export class Screen {
  private drawing: readonly string[] = [];

  constructor(private readonly out: Output) {}

  get isTerminal(): boolean {
    return this.out.isTTY === true;
  }

  /** ms between two drawings that a reader can follow. */
  get pace(): number {
    return this.isTerminal ? 100 : 1000;
  }

  get size(): Size {
    return { columns: this.out.columns ?? 80, rows: this.out.rows ?? 24 };
  }

  /** Colour where the terminal has it and the user has not refused it (NO_COLOR). */
  get paint(): Paint {
    return this.isTerminal && this.out.hasColors?.() === true ? coloured : plain;
  }

  /** A line that stays, above the drawing. */
  log(line: string): void {
    this.write(this.isTerminal ? folded(line, this.size.columns) : [line], this.drawing);
  }

  /** Shows a drawing in place of the former one. Where nothing can be replaced, it follows. */
  show(drawing: readonly string[]): void {
    this.write([], drawing);
  }

  /** The last line, below everything. */
  close(line: string): void {
    this.drawing = [];
    this.out.write(`${line}\n`);
  }

  private write(log: readonly string[], drawing: readonly string[]): void {
    if (!this.isTerminal) {
      const lines = log.length > 0 ? log : drawing;
      this.out.write(lines.map((line) => `${line}\n`).join(''));
      return;
    }
    // One write a frame, line over line, so that nothing flickers. A word of the log may be wider than the terminal.
    const up = this.rowsOfDrawing();
    const begin = `\r${up > 0 ? `\x1b[${up}A` : ''}${log.length > 0 ? CLEAR_BELOW : ''}`;
    const lines = [...log, ...drawing].map((line) => `${CLEAR_LINE}${line}\n`);
    this.out.write(`${begin}${lines.join('')}${CLEAR_BELOW}`);
    this.drawing = drawing;
  }

  /** The rows that it takes now: when a terminal becomes narrower, it breaks lines that were drawn. */
  private rowsOfDrawing(): number {
    const { columns } = this.size;
    return this.drawing.reduce((rows, line) => {
      return rows + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));
    }, 0);
  }
}

const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** A text broken at its blanks, where it is wider than the terminal. */
function folded(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(line === undefined ? word : `  ${word}`);
  }
  return lines;
}
