import { Fifo } from './fifo.js';
import { Phase, type Outgoing } from './outgoing.js';

/** Bytes that wait in several queues together. */
export interface ByteTotal {
  bytes: number;
}

/**
 * Messages in order, counted, of which any may be given up. A message that was given up stays as a husk until it
 * reaches the head, or until husks outnumber the rest.
 */
export class Backlog {
  private fifo = new Fifo<Outgoing>();
  private husks = 0;
  size = 0;
  bytes = 0;

  /** @param total - counts the bytes of this queue as well. */
  constructor(private readonly total?: ByteTotal) {}

  push(message: Outgoing): void {
    this.fifo.push(message);
    this.size++;
    this.weigh(message.bytes);
  }

  unshift(message: Outgoing): void {
    this.fifo.unshift(message);
    this.size++;
    this.weigh(message.bytes);
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
    this.weigh(-head.bytes);
    return head;
  }

  cancel(message: Outgoing): void {
    message.cancel();
    this.size--;
    this.weigh(-message.bytes);
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
      this.weigh(-message.bytes);
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
    this.weigh(-this.bytes);
    return all;
  }

  *[Symbol.iterator](): IterableIterator<Outgoing> {
    for (const message of this.fifo) if (message.phase !== Phase.SETTLED) yield message;
  }

  private weigh(bytes: number): void {
    this.bytes += bytes;
    if (this.total !== undefined) this.total.bytes += bytes;
  }

  private sweep(): void {
    const kept = new Fifo<Outgoing>();
    for (const message of this) kept.push(message);
    this.fifo = kept;
    this.husks = 0;
  }
}
