import { QueueFullError } from '../errors.js';
import { Backlog, type ByteTotal } from './backlog.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';

/** What happens to a publish for which the outbox has no room. */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest' | 'wait';

export interface OutboxLimits {
  /** Messages that may wait. Default 10 000; 0 turns queueing off, `Infinity` the bound. */
  readonly maxMessages: number;
  /** Bytes (payload and topic) that may wait. Default 64 MiB. */
  readonly maxBytes: number;
  /**
   * `'reject'` and `'drop-newest'`: the publish that finds no room errors. `'drop-oldest'`: the oldest that waits errors
   * in its place. `'wait'`: the publish waits for room. What errors, errors with `QueueFullError`.
   */
  readonly overflow: Overflow;
}

/** The messages that wait to be sent: one queue for all QoS levels, bounded in messages and in bytes. */
export class Outbox {
  private readonly queue: Backlog;
  /** With `overflow: 'wait'`: those for which there is no room yet. */
  private readonly held: Backlog;
  /** Messages that did not find room. */
  dropped = 0;

  /** @param total - counts what waits in several outboxes together. */
  constructor(
    private readonly limits: OutboxLimits,
    total?: ByteTotal,
  ) {
    this.queue = new Backlog(total);
    this.held = new Backlog(total);
  }

  /** Messages that wait here, those held back for want of room included. */
  get size(): number {
    return this.queue.size + this.held.size;
  }

  get bytes(): number {
    return this.queue.bytes + this.held.bytes;
  }

  /** Takes the message in, or fails one of the messages with `QueueFullError` as the policy says. */
  offer(message: OutgoingPublish): void {
    if (this.hasRoomFor(message)) {
      this.queue.push(message);
      return;
    }
    switch (this.limits.overflow) {
      case 'wait':
        if (this.limits.maxMessages === 0) return this.refuse(message);
        message.phase = Phase.HELD;
        this.held.push(message);
        return this.admit();
      case 'drop-oldest':
        // Nothing is dropped for one that would not fit into an empty queue.
        if (this.limits.maxMessages === 0 || message.bytes > this.limits.maxBytes) return this.refuse(message);
        while (this.queue.size > 0 && !this.hasRoomFor(message)) this.refuse(this.queue.shift());
        return this.hasRoomFor(message) ? this.queue.push(message) : this.refuse(message);
      default:
        return this.refuse(message);
    }
  }

  /** Puts messages back in front, in their order and whatever the bounds say: they were accepted before. */
  putBack(messages: readonly OutgoingPublish[]): void {
    for (const message of [...messages].reverse()) this.queue.unshift(message);
  }

  peek(): OutgoingPublish | undefined {
    return this.queue.peek();
  }

  shift(): OutgoingPublish | undefined {
    const head = this.queue.shift();
    this.admit();
    return head;
  }

  /** Takes out a message that nobody wants any more. */
  cancel(message: OutgoingPublish): void {
    (message.phase === Phase.HELD ? this.held : this.queue).cancel(message);
    this.admit();
  }

  /** Takes out all messages that the condition holds for, oldest first. */
  takeIf(condition: (message: OutgoingPublish) => boolean): OutgoingPublish[] {
    const taken = [...this.queue.takeIf(condition), ...this.held.takeIf(condition)];
    this.admit();
    return taken;
  }

  *[Symbol.iterator](): IterableIterator<OutgoingPublish> {
    yield* this.queue;
    yield* this.held;
  }

  /** Everything that waits, oldest first; the outbox is empty afterwards. */
  drain(): OutgoingPublish[] {
    return [...this.queue.drain(), ...this.held.drain()];
  }

  /** Whether the message would be taken without holding it back or dropping another. */
  hasRoomFor(message: OutgoingPublish): boolean {
    return (
      this.held.size === 0 &&
      this.queue.size < this.limits.maxMessages &&
      this.queue.bytes + message.bytes <= this.limits.maxBytes
    );
  }

  /** Lets those that were held in as far as there is room. A message larger than all bounds waits for an empty queue. */
  private admit(): void {
    for (;;) {
      const next = this.held.peek();
      if (next === undefined) return;
      const fits = this.queue.size < this.limits.maxMessages && this.queue.bytes + next.bytes <= this.limits.maxBytes;
      if (!fits && this.queue.size > 0) return;
      this.held.shift();
      next.phase = Phase.QUEUED;
      this.queue.push(next);
    }
  }

  private refuse(message: OutgoingPublish | undefined): void {
    if (message === undefined) return;
    this.dropped++;
    message.fail(
      new QueueFullError(
        `publish to "${message.topic}" was dropped: the outbox is full (at most ${this.limits.maxMessages} messages ` +
          `and ${this.limits.maxBytes} bytes); publish more slowly, or raise offline.maxMessages or offline.maxBytes`,
      ),
    );
  }
}
