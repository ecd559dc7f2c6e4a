import { asyncScheduler, type Subscription } from 'rxjs';
import { elapsed } from '../../rx/clock.js';
import type { Recipient } from './recipient.js';

/** The backlog of a connected client at which its publishers are paused. */
const HIGH_WATER_MARK = 1000;
/** The backlog below which a client has caught up. */
export const LOW_WATER_MARK = 250;

/** ms between two checks of the clients that are behind. */
const INTERVAL = 5;

/** How long (ms) a client may hold up others. After that, its own queue bears the backlog. */
const LONGEST_PAUSE = 500;

/** A connection that publishes and can be paused. */
export interface Publisher {
  /** Receives what the same client gets. */
  readonly recipient: Recipient;
  /**
   * Its client has messages to acknowledge, so it must be read: two clients that publish to each other would wait for
   * ever.
   */
  readonly owesAcknowledgements: boolean;
  pause(): void;
  resume(): void;
}

/** One client that is behind, and the publishers that wait for it. */
interface Congestion {
  readonly publishers: Set<Publisher>;
  readonly until: number;
}

/**
 * Pauses publishers for a moment while a subscriber catches up, so that a burst costs time and not messages. The
 * courtesy has a limit: a client that stays behind holds up nothing again until it has caught up once.
 */
export class Backpressure {
  private readonly congestions = new Map<Recipient, Congestion>();
  private readonly exempt = new WeakSet<Recipient>();
  private timer: Subscription | undefined = undefined;

  /** A message of this publisher met a backlog of {@link LOW_WATER_MARK} or more. */
  report(recipient: Recipient, backlog: number, publisher: Publisher): void {
    // A backlog grows one by one: just before, it was below the mark.
    if (backlog === LOW_WATER_MARK) this.exempt.delete(recipient);
    if (backlog < HIGH_WATER_MARK || !recipient.connected || this.exempt.has(recipient)) return;
    if (publisher.recipient === recipient || publisher.owesAcknowledgements) return;
    let congestion = this.congestions.get(recipient);
    if (congestion === undefined) {
      congestion = { publishers: new Set(), until: elapsed() + LONGEST_PAUSE };
      this.congestions.set(recipient, congestion);
    }
    congestion.publishers.add(publisher);
    publisher.pause();
    this.timer ??= asyncScheduler.schedule(() => this.check(), INTERVAL);
  }

  close(): void {
    this.timer?.unsubscribe();
    this.congestions.clear();
  }

  private check(): void {
    this.timer = undefined;
    const now = elapsed();
    const free = new Set<Publisher>();
    for (const [recipient, { publishers, until }] of this.congestions) {
      const relieved = !recipient.connected || recipient.backlog < LOW_WATER_MARK;
      if (!relieved && now < until) continue;
      this.congestions.delete(recipient);
      if (!relieved) this.exempt.add(recipient);
      for (const publisher of publishers) free.add(publisher);
    }
    for (const { publishers } of this.congestions.values()) for (const publisher of publishers) free.delete(publisher);
    if (this.congestions.size > 0) this.timer = asyncScheduler.schedule(() => this.check(), INTERVAL);
    for (const publisher of free) publisher.resume();
  }
}
