import { Fifo } from '../fifo.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';

/** What a message takes beside its bytes. The number of messages of one queue bounds that, not that of many queues. */
export const MESSAGE_OVERHEAD = 200;

/** The bytes that several queues hold together, with {@link MESSAGE_OVERHEAD} for each message. */
export interface ByteTotal {
  bytes: number;
}

/**
 * An ordered, counted queue from which any message can be cancelled. A cancelled message stays as a tombstone until it
 * reaches the head or tombstones outnumber the rest.
 */
export class Backlog {
  private fifo = new Fifo<OutgoingPublish>();
  private tombstones = 0;
  size = 0;
  bytes = 0;

  /** @param total also counts the bytes of this queue. */
  constructor(private readonly total?: ByteTotal) {}

  push(message: OutgoingPublish): void {
    this.fifo.push(message);
    this.count(1, message.bytes);
  }

  unshift(message: OutgoingPublish): void {
    this.fifo.unshift(message);
    this.count(1, message.bytes);
  }

  peek(): OutgoingPublish | undefined {
    for (;;) {
      const head = this.fifo.peek();
      if (head === undefined || head.phase !== Phase.SETTLED) return head;
      this.fifo.shift();
      this.tombstones--;
    }
  }

  shift(): OutgoingPublish | undefined {
    const head = this.peek();
    if (head === undefined) return undefined;
    this.fifo.shift();
    this.count(-1, -head.bytes);
    return head;
  }

  cancel(message: OutgoingPublish): void {
    message.cancel();
    this.count(-1, -message.bytes);
    this.tombstones++;
    if (this.tombstones > 32 && this.tombstones > this.size) this.sweep();
  }

  /** Removes and returns the messages that match. */
  takeIf(condition: (message: OutgoingPublish) => boolean): OutgoingPublish[] {
    const kept = new Fifo<OutgoingPublish>();
    const taken: OutgoingPublish[] = [];
    for (const message of this) {
      if (!condition(message)) {
        kept.push(message);
        continue;
      }
      taken.push(message);
      this.count(-1, -message.bytes);
    }
    this.fifo = kept;
    this.tombstones = 0;
    return taken;
  }

  /** Empties the queue and returns its messages, oldest first. */
  drain(): OutgoingPublish[] {
    const all = [...this];
    this.fifo = new Fifo();
    this.tombstones = 0;
    this.count(-this.size, -this.bytes);
    return all;
  }

  *[Symbol.iterator](): IterableIterator<OutgoingPublish> {
    for (const message of this.fifo) if (message.phase !== Phase.SETTLED) yield message;
  }

  private count(messages: number, bytes: number): void {
    this.size += messages;
    this.bytes += bytes;
    if (this.total !== undefined) this.total.bytes += bytes + messages * MESSAGE_OVERHEAD;
  }

  private sweep(): void {
    const kept = new Fifo<OutgoingPublish>();
    for (const message of this) kept.push(message);
    this.fifo = kept;
    this.tombstones = 0;
  }
}
