import { asyncScheduler, type Subscription } from 'rxjs';
import type { Recipient } from './recipient.js';

/** Messages that wait for a connected client, from which on those who publish to it are held back. */
const HIGH_WATER_MARK = 1000;
/** Messages below which it counts as having caught up. */
export const LOW_WATER_MARK = 250;

/** ms between two looks at a client that is behind. */
const INTERVAL = 5;

/** ms for which a client may hold up others. One that has not caught up by then bears its own queue. */
const PATIENCE = 500;

/** A connection that messages come from, as far as it can be held back. */
export interface Publisher {
  /** What the same client gets goes there. */
  readonly recipient: Recipient;
  /** Its client has messages to acknowledge: it must be read. Two that publish to each other would wait for ever. */
  readonly owesAcknowledgements: boolean;
  pause(): void;
  resume(): void;
}

/** One client that is behind, and those who wait for it. */
interface Congestion {
  readonly publishers: Set<Publisher>;
  readonly until: number;
}

/**
 * Stops reading from publishers for a moment while a subscriber catches up, so that a burst costs time and not messages.
 * It is a courtesy with a limit: a client that stays behind holds up no other until it has caught up once.
 */
export class Backpressure {
  private readonly congestions = new Map<Recipient, Congestion>();
  private readonly exempt = new WeakSet<Recipient>();
  private timer: Subscription | undefined = undefined;

  /** A message of this publisher has found a queue of {@link LOW_WATER_MARK} messages or more. */
  report(recipient: Recipient, backlog: number, publisher: Publisher): void {
    // It grows one by one: here it was below a moment ago.
    if (backlog === LOW_WATER_MARK) this.exempt.delete(recipient);
    if (backlog < HIGH_WATER_MARK || !recipient.connected || this.exempt.has(recipient)) return;
    if (publisher.recipient === recipient || publisher.owesAcknowledgements) return;
    let congestion = this.congestions.get(recipient);
    if (congestion === undefined) {
      congestion = { publishers: new Set(), until: asyncScheduler.now() + PATIENCE };
      this.congestions.set(recipient, congestion);
    }
    congestion.publishers.add(publisher);
    publisher.pause();
    this.timer ??= asyncScheduler.schedule(() => this.look(), INTERVAL);
  }

  close(): void {
    this.timer?.unsubscribe();
    this.congestions.clear();
  }

  private look(): void {
    this.timer = undefined;
    const now = asyncScheduler.now();
    const free = new Set<Publisher>();
    for (const [recipient, { publishers, until }] of this.congestions) {
      const relieved = !recipient.connected || recipient.backlog < LOW_WATER_MARK;
      if (!relieved && now < until) continue;
      this.congestions.delete(recipient);
      if (!relieved) this.exempt.add(recipient);
      for (const publisher of publishers) free.add(publisher);
    }
    for (const { publishers } of this.congestions.values()) for (const publisher of publishers) free.delete(publisher);
    if (this.congestions.size > 0) this.timer = asyncScheduler.schedule(() => this.look(), INTERVAL);
    for (const publisher of free) publisher.resume();
  }
}
