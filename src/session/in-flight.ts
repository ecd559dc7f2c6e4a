import { Exchanges } from './exchanges.js';
import { Fifo } from './fifo.js';
import { Phase, type Outgoing } from './outgoing.js';
import { PacketIds } from './packet-ids.js';

/**
 * The messages in flight, in the order of sending [MQTT-4.6.0-1]: each has a packet identifier, and its last
 * acknowledgement is still to come. They outlive connections, and are sent again on the next one.
 */
export class InFlight implements Iterable<Outgoing> {
  readonly ids = new PacketIds();
  private readonly open = new Exchanges();
  /** Those that this connection has not seen yet: they are sent again first. */
  readonly again = new Fifo<Outgoing>();

  get size(): number {
    return this.open.size;
  }

  /** How many count against the window of this connection: derived, never counted beside. */
  get windowUsed(): number {
    return this.open.size - this.again.size;
  }

  [Symbol.iterator](): Iterator<Outgoing> {
    return this.open[Symbol.iterator]();
  }

  get(packetId: number): Outgoing | undefined {
    return this.open.get(packetId);
  }

  begin(message: Outgoing): void {
    message.packetId = this.ids.take();
    message.phase = Phase.PUBLISHED;
    this.open.add(message);
  }

  finish(message: Outgoing): void {
    this.open.remove(message);
    this.ids.release(message.packetId);
  }

  /** Takes over a message that an earlier process left. */
  restore(message: Outgoing): void {
    this.ids.reserve(message.packetId);
    this.open.add(message);
  }

  /** There is a new connection: it has to see all of them. */
  rewind(): void {
    this.again.drain();
    for (const message of this.open) {
      message.onWire = false;
      this.again.push(message);
    }
  }

  /** Takes out all of them. */
  drain(): Outgoing[] {
    this.again.drain();
    const all = this.open.drain();
    for (const { packetId } of all) this.ids.release(packetId);
    return all;
  }
}
