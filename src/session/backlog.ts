import { Fifo } from './fifo.js';
import { Phase, type Outgoing } from './outgoing.js';

/**
 * Messages in order, counted, of which any may be given up. A message that was given up stays as a husk until it
 * reaches the head, or until husks outnumber the rest.
 */
export class Backlog {
  private fifo = new Fifo<Outgoing>();
  private husks = 0;
  size = 0;
  bytes = 0;

  push(message: Outgoing): void {
    this.fifo.push(message);
    this.size++;
    this.bytes += message.bytes;
  }

  unshift(message: Outgoing): void {
    this.fifo.unshift(message);
    this.size++;
    this.bytes += message.bytes;
  }

  peek(): Outgoing | undefined {
    for (;;) {
      const head = this.fifo.peek();
      if (head === undefined || head.phase !== Phase.SETTLED) return head;
      this.fifo.shift();
      this.husks--;
    }
  }

  shift(): Outgoing | undefined {
    const head = this.peek();
    if (head === undefined) return undefined;
    this.fifo.shift();
    this.size--;
    this.bytes -= head.bytes;
    return head;
  }

  cancel(message: Outgoing): void {
    message.cancel();
    this.size--;
    this.bytes -= message.bytes;
    this.husks++;
    if (this.husks > 32 && this.husks > this.size) this.sweep();
  }

  /** Takes out all that the condition holds for. */
  takeIf(condition: (message: Outgoing) => boolean): Outgoing[] {
    const kept = new Fifo<Outgoing>();
    const taken: Outgoing[] = [];
    for (const message of this) {
      if (!condition(message)) {
        kept.push(message);
        continue;
      }
      taken.push(message);
      this.size--;
      this.bytes -= message.bytes;
    }
    this.fifo = kept;
    this.husks = 0;
    return taken;
  }

  /** Everything, oldest first; empty afterwards. */
  drain(): Outgoing[] {
    const all = [...this];
    this.fifo = new Fifo();
    this.husks = 0;
    this.size = 0;
    this.bytes = 0;
    return all;
  }

  *[Symbol.iterator](): IterableIterator<Outgoing> {
    for (const message of this.fifo) if (message.phase !== Phase.SETTLED) yield message;
  }

  private sweep(): void {
    const kept = new Fifo<Outgoing>();
    for (const message of this) kept.push(message);
    this.fifo = kept;
    this.husks = 0;
  }
}
