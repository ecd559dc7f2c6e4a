import { asyncScheduler, type Subscription } from 'rxjs';
import { elapsed } from '../../rx/clock.js';
import { Patience, type Account } from './patience.js';
import type { Recipient } from './recipient.js';

/** The backlog of a connected client at which its publishers are paused. */
const HIGH_WATER_MARK = { messages: 1000, bytes: 8 * 1024 * 1024 } as const;
/** The backlog below which a client has caught up. */
export const LOW_WATER_MARK = { messages: 250, bytes: 2 * 1024 * 1024 } as const;

/** ms between two checks of the clients that are behind. */
const INTERVAL = 5;

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
  readonly account: Account;
  readonly publishers: Set<Publisher>;
  /** Publishers wait for it; else its own queue bears the backlog. */
  holds: boolean;
}

/**
 * Pauses publishers for a moment while a subscriber catches up, so that a burst costs time and not messages. The
 * courtesy is bounded by {@link Patience}.
 */
export class Backpressure {
  private readonly congestions = new Map<Recipient, Congestion>();
  private readonly patience = new Patience();
  private timer: Subscription | undefined = undefined;
  private checkedAt = 0;

  /** A message of this publisher met a recipient that is behind. */
  report(recipient: Recipient, publisher: Publisher): void {
    const congestion = this.congestions.get(recipient) ?? this.begin(recipient);
    if (congestion?.holds !== true || congestion.publishers.has(publisher)) return;
    if (publisher.recipient === recipient || publisher.owesAcknowledgements) return;
    congestion.publishers.add(publisher);
    publisher.pause();
  }

  close(): void {
    this.timer?.unsubscribe();
    this.congestions.clear();
  }

  private begin(recipient: Recipient): Congestion | undefined {
    const { messages, bytes } = HIGH_WATER_MARK;
    if (!recipient.connected || (recipient.backlog < messages && recipient.backlogBytes < bytes)) return undefined;
    const now = elapsed();
    this.patience.refill(now);
    const account = this.patience.of(recipient);
    const congestion = { account, publishers: new Set<Publisher>(), holds: this.patience.has(account) };
    this.congestions.set(recipient, congestion);
    if (this.timer === undefined) {
      this.checkedAt = now;
      this.timer = asyncScheduler.schedule(() => this.check(), INTERVAL);
    }
    return congestion;
  }

  private check(): void {
    this.timer = undefined;
    this.charge();
    const free = new Set<Publisher>();
    for (const [recipient, congestion] of this.congestions) {
      const { publishers } = congestion;
      const relieved = !recipient.connected || !recipient.isBehind;
      if (relieved) this.congestions.delete(recipient);
      else congestion.holds = this.patience.has(this.patience.of(recipient));
      if (!relieved && congestion.holds) continue;
      for (const publisher of publishers) free.add(publisher);
      publishers.clear();
    }
    for (const { publishers } of this.congestions.values()) for (const publisher of publishers) free.delete(publisher);
    if (this.congestions.size > 0) this.timer = asyncScheduler.schedule(() => this.check(), INTERVAL);
    for (const publisher of free) publisher.resume();
  }

  /** The clients for which publishers waited since the last check pay for it. */
  private charge(): void {
    const now = elapsed();
    const waited = [...this.congestions.values()].filter(({ publishers }) => publishers.size > 0);
    this.patience.refill(now);
    this.patience.spend(
      waited.map(({ account }) => account),
      now - this.checkedAt,
    );
    this.checkedAt = now;
  }
}
