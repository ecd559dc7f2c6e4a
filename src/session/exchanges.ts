import type { OutgoingPublish } from './outgoing-publish.js';

const FIRST_SIZE = 16;

/**
 * The open exchanges, by packet identifier and in the order of sending.
 *
 * A linked list plus a table indexed by identifier. A `Map` would do, but every message adds and removes one entry, and
 * a `Map` reallocates its table each time its entries have turned over once. Old tables link to newer ones and keep
 * their contents in memory until the next full garbage collection.
 */
export class Exchanges implements Iterable<OutgoingPublish> {
  /**
   * A message sits at its identifier modulo the length, a power of two. The table grows until no two messages collide.
   */
  private table = new Array<OutgoingPublish | undefined>(FIRST_SIZE).fill(undefined);
  private oldest: OutgoingPublish | undefined;
  private newest: OutgoingPublish | undefined;
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(packetId: number): OutgoingPublish | undefined {
    const { table } = this;
    const found = table[packetId & (table.length - 1)];
    return found?.packetId === packetId ? found : undefined;
  }

  /** Adds the newest message; its identifier must be free. */
  add(message: OutgoingPublish): void {
    while (this.table[message.packetId & (this.table.length - 1)] !== undefined) this.grow();
    this.table[message.packetId & (this.table.length - 1)] = message;
    message.before = this.newest;
    if (this.newest === undefined) this.oldest = message;
    else this.newest.after = message;
    this.newest = message;
    this.count++;
  }

  /** Removes a message; no effect if it is absent. */
  remove(message: OutgoingPublish): void {
    const { table } = this;
    const at = message.packetId & (table.length - 1);
    if (table[at] !== message) return;
    table[at] = undefined;
    const { before, after } = message;
    if (before === undefined) this.oldest = after;
    else before.after = after;
    if (after === undefined) this.newest = before;
    else after.before = before;
    message.before = undefined;
    message.after = undefined;
    this.count--;
  }

  /** Removes all messages and returns them, oldest first. */
  drain(): OutgoingPublish[] {
    const all = [...this];
    for (const message of all) this.remove(message);
    return all;
  }

  /** Oldest first. During iteration, messages may be added and the current one may be removed. */
  *[Symbol.iterator](): IterableIterator<OutgoingPublish> {
    for (let message = this.oldest; message !== undefined;) {
      const { after } = message;
      yield message;
      message = after;
    }
  }

  private grow(): void {
    const { table } = this;
    const larger = new Array<OutgoingPublish | undefined>(table.length * 2).fill(undefined);
    for (const message of table) {
      if (message !== undefined) larger[message.packetId & (larger.length - 1)] = message;
    }
    this.table = larger;
  }
}
