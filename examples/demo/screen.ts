/** Where the demo is seen: a terminal, whose table is drawn over and over in one place, or a plain stream of lines. */
export class Screen {
  private table: readonly string[] = [];
  private drawn = 0;

  constructor(private readonly out: NodeJS.WriteStream) {}

  /** ms between two drawings that a reader can follow. */
  get pace(): number {
    return this.out.isTTY ? 100 : 1000;
  }

  /** A line that stays, above the table. */
  log(line: string): void {
    this.erase();
    this.out.write(`${line}\n`);
    this.draw();
  }

  /** Shows the table in place of the former one. */
  show(table: readonly string[]): void {
    this.erase();
    this.table = table;
    if (this.out.isTTY) this.draw();
    else this.out.write(`${table.join('\n')}\n`);
  }

  /** The last line, below everything. */
  close(line: string): void {
    this.out.write(`${line}\n`);
    this.table = [];
    this.drawn = 0;
  }

  private erase(): void {
    // Up to the first line of the table, and clear from there to the end of the screen.
    if (this.drawn > 0) this.out.write(`\x1b[${this.drawn}A\x1b[J`);
    this.drawn = 0;
  }

  private draw(): void {
    if (!this.out.isTTY || this.table.length === 0) return;
    this.out.write(`${this.table.join('\n')}\n`);
    this.drawn = this.table.length;
  }
}
