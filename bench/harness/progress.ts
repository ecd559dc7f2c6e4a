/** One line that is written over and over on a terminal, and lines that stay. */
export class Progress {
  private readonly started = process.hrtime.bigint();
  private shown = false;

  /** What is going on now; seen on a terminal only. */
  show(text: string): void {
    if (!process.stderr.isTTY) return;
    const seconds = Number((process.hrtime.bigint() - this.started) / 1_000_000_000n);
    process.stderr.write(`\r\u001b[K[${seconds} s] ${text}`);
    this.shown = true;
  }

  /** A line that stays. */
  say(text: string): void {
    if (this.shown) process.stderr.write('\r\u001b[K');
    this.shown = false;
    process.stdout.write(`${text}\n`);
  }
}
