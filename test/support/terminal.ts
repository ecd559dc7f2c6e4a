/** A control sequence with its count and command, or one character. */
const PIECES = new RegExp(`${String.fromCharCode(0x1b)}\\[(\\d*)([A-Z])|[^]`, 'gu');

/** A terminal that knows what the demo uses of one: line breaks, wrapping, cursor up, and clearing to an end. */
export class Terminal {
  readonly isTTY = true;
  private readonly cells: string[][] = [[]];
  private row = 0;
  private column = 0;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {}

  readonly hasColors = (): boolean => false;

  /** What is written on it, from its first line on, without blank lines at the end. */
  get lines(): string[] {
    const lines = this.cells.map((cells) => cells.join('').trimEnd());
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  readonly write = (text: string | Uint8Array): boolean => {
    for (const [part, count, command] of String(text).matchAll(PIECES)) {
      if (command !== undefined) this.control(command, Number(count || 1));
      else if (part === '\n') this.moveTo(this.row + 1, 0);
      else if (part === '\r') this.column = 0;
      else this.put(part);
    }
    return true;
  };

  private control(command: string, count: number): void {
    if (command === 'A') this.moveTo(Math.max(0, this.row - count), this.column);
    // A cursor behind the last column stands on it, until the next character wraps.
    else if (command === 'K' || command === 'J') this.line.length = Math.min(this.column, this.columns - 1);
    else throw new Error(`the terminal does not know the command ${command}`);
    if (command === 'J') this.cells.length = this.row + 1;
  }

  private put(character: string): void {
    if (this.column === this.columns) this.moveTo(this.row + 1, 0);
    while (this.line.length < this.column) this.line.push(' ');
    this.line[this.column++] = character;
  }

  private moveTo(row: number, column: number): void {
    this.row = row;
    this.column = column;
    while (this.cells.length <= row) this.cells.push([]);
  }

  private get line(): string[] {
    return this.cells[this.row] as string[];
  }
}
