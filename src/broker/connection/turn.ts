import { asyncScheduler, type Subscription } from 'rxjs';
import type { Packet } from '../../packet/packets.js';
import { elapsed } from '../../rx/clock.js';

/** How long (ms) the packets of one connection may take before others get their turn. */
export const LONGEST_TURN = 10;
/** ms between two looks at the clock. */
const PRECISION = 1;
/**
 * The most packets between two looks: the next ones may go to a thousand times as many subscribers as the last ones.
 */
const LONGEST_STRIDE = 32;
/** Behind a smaller chunk (bytes) the system has no more at hand: it goes on to other connections anyway. */
const SMALL = 4096;

export interface TurnOwner {
  /** The other connections had their turn. */
  nextTurn(): void;
}

/**
 * The time that the packets of one connection take in a turn of the event loop. The system hands over megabytes at a
 * time, each two bytes of which may be a packet, and one packet may go to a thousand subscribers.
 */
export class Turn {
  /** Packets from one look at the clock to the next: as many as it takes a moment to handle. */
  private stride = 1;
  private untilLook = 1;
  private lookedAt = 0;
  private spent = 0;
  private timer: Subscription | undefined = undefined;

  constructor(private readonly owner: TurnOwner) {}

  /** A chunk came at this moment. */
  begin(moment: number): void {
    this.lookedAt = moment;
  }

  /** Called after each packet: whether it was the last one of this turn. */
  endsWith(packet: Packet): boolean {
    this.untilLook -= weightOf(packet);
    if (this.untilLook > 0) return false;
    const took = this.look();
    if (took < PRECISION / 2) this.stride = Math.min(LONGEST_STRIDE, this.stride * 2);
    else if (took > PRECISION) this.stride = Math.max(1, Math.floor((this.stride * PRECISION) / took));
    this.untilLook = this.stride;
    return this.spent >= LONGEST_TURN;
  }

  /** The chunk has been handled. A look takes as long as a tenth of a packet. */
  end(size: number): void {
    if (size > SMALL) this.look();
  }

  /** Counts anew from here. */
  restart(): void {
    this.spent = 0;
    this.lookedAt = elapsed();
  }

  stop(): void {
    this.timer?.unsubscribe();
  }

  private look(): number {
    const now = elapsed();
    const took = now - this.lookedAt;
    this.lookedAt = now;
    this.spent += took;
    // Set early, so that the next turn finds it due.
    if (this.spent >= LONGEST_TURN / 2) this.timer ??= asyncScheduler.schedule(() => this.next());
    return took;
  }

  private next(): void {
    this.timer = undefined;
    this.restart();
    this.owner.nextTurn();
  }
}

/** A filter takes as long as a packet. */
function weightOf(packet: Packet): number {
  switch (packet.cmd) {
    case 'subscribe':
      return packet.subscriptions.length;
    case 'unsubscribe':
      return packet.filters.length;
    default:
      return 1;
  }
}
