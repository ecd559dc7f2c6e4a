import { Exchanges } from './exchanges.js';
import { Fifo } from '../fifo.js';
import { Phase, type OutgoingPublish } from './outgoing-publish.js';
import { PacketIds } from './packet-ids.js';

/**
 * The messages in flight, in the order of sending [MQTT-4.6.0-1]: each has a packet identifier, and its last
 * acknowledgement is still to come. They outlive connections, and are sent again on the next one.
 */
export class InFlight implements Iterable<OutgoingPublish> {
  readonly ids = new PacketIds();
  private readonly open = new Exchanges();
  /** Those that this connection has not seen yet: they are sent again first. */
  readonly resendQueue = new Fifo<OutgoingPublish>();

  get size(): number {
    return this.open.size;
  }

  /** How many count against the window of this connection: derived, never counted beside. */
  get windowUsed(): number {
    return this.open.size - this.resendQueue.size;
  }

  [Symbol.iterator](): Iterator<OutgoingPublish> {
    return this.open[Symbol.iterator]();
  }

  get(packetId: number): OutgoingPublish | undefined {
    return this.open.get(packetId);
  }

  begin(message: OutgoingPublish): void {
    message.packetId = this.ids.take();
    message.phase = Phase.PUBLISHED;
    this.open.add(message);
  }

  finish(message: OutgoingPublish): void {
    this.open.remove(message);
    this.ids.release(message.packetId);
  }

  /** Takes over a message that an earlier process left. */
  restore(message: OutgoingPublish): void {
    this.ids.reserve(message.packetId);
    this.open.add(message);
  }

  /** There is a new connection: it has to see all of them. */
  rewind(): void {
    this.resendQueue.drain();
    for (const message of this.open) {
      message.onWire = false;
      this.resendQueue.push(message);
    }
  }

  /** Takes out all of them. */
  drain(): OutgoingPublish[] {
    this.resendQueue.drain();
    const all = this.open.drain();
    for (const { packetId } of all) this.ids.release(packetId);
    return all;
  }
}
