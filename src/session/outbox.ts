import { QueueFullError } from '../errors.js';
import { quoted } from '../quoted.js';
import { elapsed, timeOfDay } from '../rx/clock.js';
import { Backlog, type ByteTotal } from './backlog.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';

/** How to handle a publish that does not fit in the outbox. */
export type Overflow = 'reject' | 'drop-oldest' | 'drop-newest' | 'wait';

export interface OutboxLimits {
  /** How many messages may wait. Default 10 000; 0 turns queueing off, `Infinity` removes the bound. */
  readonly maxMessages: number;
  /** How many bytes (topic, payload and properties) may wait. Default 64 MiB. */
  readonly maxBytes: number;
  /**
   * `'reject'` and `'drop-newest'` fail the new publish; `'drop-oldest'` fails the oldest waiting one instead; `'wait'`
   * holds the publish until there is room; the same bounds apply once more to held publishes, and a publish beyond them
   * fails. Failures are `QueueFullError`s.
   */
  readonly overflow: Overflow;
}

/** The messages waiting to be sent: one queue for all QoS levels, bounded in messages and bytes. */
export class Outbox {
  private readonly queue: Backlog;
  /** With `overflow: 'wait'`: messages that do not fit yet. */
  private readonly held: Backlog;
  /** Messages that did not fit. */
  dropped = 0;
  /** When the connection was lost, by `elapsed()`; undefined while there is one. */
  offlineSince: number | undefined = elapsed();

  /** @param total counts the contents of several outboxes together. */
  constructor(
    private readonly limits: OutboxLimits,
    total?: ByteTotal,
  ) {
    this.queue = new Backlog(total);
    this.held = new Backlog(total);
  }

  /** Waiting messages, including those held back for lack of room. */
  get size(): number {
    return this.queue.size + this.held.size;
  }

  get bytes(): number {
    return this.queue.bytes + this.held.bytes;
  }

  /** Queues the message, or fails one with `QueueFullError` according to the policy. */
  offer(message: OutgoingPublish): void {
    if (this.hasRoomFor(message)) {
      this.queue.push(message);
      return;
    }
    switch (this.limits.overflow) {
      case 'wait':
        if (this.limits.maxMessages === 0 || !this.mayHold(message)) return this.refuse(message);
        message.phase = Phase.HELD;
        this.held.push(message);
        return this.admit();
      case 'drop-oldest':
        // Drop nothing for a message that does not fit into an empty queue.
        if (this.limits.maxMessages === 0 || message.bytes > this.limits.maxBytes) return this.refuse(message);
        while (this.queue.size > 0 && !this.hasRoomFor(message)) this.refuse(this.queue.shift());
        return this.hasRoomFor(message) ? this.queue.push(message) : this.refuse(message);
      default:
        return this.refuse(message);
    }
  }

  /** Puts messages back at the front, in order. Ignores the bounds, because the messages were accepted before. */
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

  cancel(message: OutgoingPublish): void {
    (message.phase === Phase.HELD ? this.held : this.queue).cancel(message);
    this.admit();
  }

  /** Removes and returns the messages that match, oldest first. */
  takeIf(condition: (message: OutgoingPublish) => boolean): OutgoingPublish[] {
    const taken = [...this.queue.takeIf(condition), ...this.held.takeIf(condition)];
    this.admit();
    return taken;
  }

  *[Symbol.iterator](): IterableIterator<OutgoingPublish> {
    yield* this.queue;
    yield* this.held;
  }

  /** Empties the outbox and returns its messages, oldest first. */
  drain(): OutgoingPublish[] {
    return [...this.queue.drain(), ...this.held.drain()];
  }

  /** Whether the message fits without being held back or dropping another. */
  hasRoomFor(message: OutgoingPublish): boolean {
    return this.held.size === 0 && this.fits(message);
  }

  /** Whether the queue has room, whatever is held back. */
  private fits({ bytes }: OutgoingPublish): boolean {
    return this.queue.size < this.limits.maxMessages && this.queue.bytes + bytes <= this.limits.maxBytes;
  }

  /** Held messages have the same bounds; the first may have any size. */
  private mayHold({ bytes }: OutgoingPublish): boolean {
    const { held, limits } = this;
    const first = held.peek();
    if (first === undefined) return true;
    return held.size < limits.maxMessages && held.bytes - first.bytes + bytes <= limits.maxBytes;
  }

  /**
   * Moves held messages into the queue while there is room. A message larger than the bounds waits for an empty queue.
   */
  private admit(): void {
    for (;;) {
      const next = this.held.peek();
      if (next === undefined) return;
      if (!this.fits(next) && this.queue.size > 0) return;
      this.held.shift();
      next.phase = Phase.QUEUED;
      this.queue.push(next);
    }
  }

  private refuse(message: OutgoingPublish | undefined): void {
    if (message === undefined) return;
    this.dropped++;
    message.fail(new QueueFullError(`publish to ${quoted(message.topic)} was dropped: ${this.problemOf(message)}`));
  }

  private problemOf({ bytes }: OutgoingPublish): string {
    const { maxMessages, maxBytes } = this.limits;
    if (maxMessages === 0) return 'it would have to wait, and offline.maxMessages is 0; raise it';
    if (bytes > maxBytes) {
      return `it has ${bytes} bytes, and offline.maxBytes lets ${maxBytes} wait; make it smaller, or raise offline.maxBytes`;
    }
    const { offlineSince } = this;
    const hint =
      offlineSince === undefined
        ? 'publish more slowly'
        : `there has been no connection since ${new Date(timeOfDay() - elapsed() + offlineSince).toISOString()}, see state$`;
    return (
      `the outbox is full (at most ${maxMessages} messages and ${maxBytes} bytes); ${hint}, ` +
      'or raise offline.maxMessages or offline.maxBytes'
    );
  }
}
