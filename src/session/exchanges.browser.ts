import type { Exchanges as Table } from './exchanges.js';
import type { Outgoing } from './outgoing.js';

/** Takes the place of the table of exchanges in browsers; a `Map` is in the order of sending too. */
export class Exchanges implements Pick<Table, keyof Table> {
  private readonly open = new Map<number, Outgoing>();

  get size(): number {
    return this.open.size;
  }

  get(packetId: number): Outgoing | undefined {
    return this.open.get(packetId);
  }

  add(message: Outgoing): void {
    this.open.set(message.packetId, message);
  }

  remove(message: Outgoing): void {
    if (this.open.get(message.packetId) === message) this.open.delete(message.packetId);
  }

  drain(): Outgoing[] {
    const all = [...this];
    this.open.clear();
    return all;
  }

  [Symbol.iterator](): IterableIterator<Outgoing> {
    return this.open.values();
  }
}
