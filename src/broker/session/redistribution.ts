import { PublishPacket } from '../../packet/publish-packet.js';
import type { Dispatcher } from '../routing/dispatcher.js';
import type { Orphan } from './client-queue.js';
import type { SlicedTask, Slices } from './slices.js';

/** Messages from one look at the time to the next. */
const PIECE = 32;

/** Gives the messages of a session that has ended to other members of their shared subscriptions, some in each turn. */
export class Redistribution implements SlicedTask {
  private next = 0;

  constructor(
    private readonly orphans: readonly Orphan[],
    private readonly dispatcher: Dispatcher,
    private readonly slices: Slices,
  ) {}

  proceed(): void {
    const { orphans, slices } = this;
    while (this.next < orphans.length) {
      // The first ones go at once.
      if (this.next > 0 && this.next % PIECE === 0 && !slices.mayGoOn(this)) return;
      this.give(orphans[this.next++] as Orphan);
    }
  }

  private give({ message, group }: Orphan): void {
    const { topic, payload, qos, retain, properties, acceptedAt } = message;
    const again = new PublishPacket(topic, payload, qos, retain, false, 0, properties);
    this.dispatcher.redistribute(again, acceptedAt, group);
  }
}
