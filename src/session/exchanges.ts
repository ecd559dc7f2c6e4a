import type { OutgoingPublish } from './outgoing-publish.js';

const FIRST_SIZE = 16;

/**
 * The exchanges that are open, by packet identifier, and in the order of sending.
 *
 * A list through the messages and a table that an identifier points into, where a `Map` would do as well but for the
 * collector: with every message one entry comes and one goes, so a `Map` makes a new table each time its entries have
 * changed once. Each table knows the one after it, and an old one keeps them all in memory, with all that they held,
 * until the next full collection.
 */
export class Exchanges implements Iterable<OutgoingPublish> {
  /** A message stands at its identifier modulo the length, a power of two; the table grows until each is alone there. */
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

  /** Adds a message as the newest; no other has its identifier. */
  add(message: OutgoingPublish): void {
    while (this.table[message.packetId & (this.table.length - 1)] !== undefined) this.grow();
    this.table[message.packetId & (this.table.length - 1)] = message;
    message.before = this.newest;
    if (this.newest === undefined) this.oldest = message;
    else this.newest.after = message;
    this.newest = message;
    this.count++;
  }

  /** Takes a message out; without effect when it is not in. */
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

  /** Takes out all messages, and returns them oldest first. */
  drain(): OutgoingPublish[] {
    const all = [...this];
    for (const message of all) this.remove(message);
    return all;
  }

  /** Oldest first. Messages may be added meanwhile, and the one at hand may be removed. */
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
