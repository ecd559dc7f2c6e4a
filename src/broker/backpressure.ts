import { asyncScheduler, type Subscription } from 'rxjs';
import type { BrokerSession } from './broker-session.js';
import type { Client } from './client.js';

/** Messages that wait for a connected client, from which on those who publish to it are held back. */
const PRESSURE_FROM = 1000;
/** Messages below which it counts as having caught up. */
export const RELIEVED_BELOW = 250;

/** ms between two looks at a client that is behind. */
const INTERVAL = 5;

/** ms for which a client may hold up others; whoever has not caught up by then has to bear its own queue. */
const PATIENCE = 500;

/** One client that is behind, and those who wait for it. */
interface Jam {
  readonly publishers: Set<Client>;
  readonly until: number;
}

/**
 * Stops reading from publishers for a moment while a subscriber catches up, so that a burst costs time and not messages.
 * It is a courtesy with a limit: a client that stays behind holds up nobody until it has caught up once.
 */
export class Backpressure {
  private readonly jams = new Map<BrokerSession, Jam>();
  private readonly hopeless = new WeakSet<BrokerSession>();
  private timer: Subscription | undefined = undefined;

  /** A message of this publisher has found a queue of {@link RELIEVED_BELOW} messages or more. */
  feel(session: BrokerSession, backlog: number, publisher: Client): void {
    // It grows one by one: here it was below a moment ago.
    if (backlog === RELIEVED_BELOW) this.hopeless.delete(session);
    if (backlog < PRESSURE_FROM || session.port === undefined || this.hopeless.has(session)) return;
    // Whoever has messages to acknowledge must be read: two that publish to each other would wait for ever.
    if (publisher.session === session || !publisher.session.sender.idle) return;
    let jam = this.jams.get(session);
    if (jam === undefined) {
      jam = { publishers: new Set(), until: asyncScheduler.now() + PATIENCE };
      this.jams.set(session, jam);
    }
    jam.publishers.add(publisher);
    publisher.port.connection.pause();
    this.timer ??= asyncScheduler.schedule(() => this.look(), INTERVAL);
  }

  close(): void {
    this.timer?.unsubscribe();
    this.jams.clear();
  }

  private look(): void {
    this.timer = undefined;
    const now = asyncScheduler.now();
    const free = new Set<Client>();
    for (const [session, jam] of this.jams) {
      const relieved = session.port === undefined || session.backlog < RELIEVED_BELOW;
      if (!relieved && now < jam.until) continue;
      this.jams.delete(session);
      if (!relieved) this.hopeless.add(session);
      for (const publisher of jam.publishers) free.add(publisher);
    }
    for (const { publishers } of this.jams.values()) for (const publisher of publishers) free.delete(publisher);
    if (this.jams.size > 0) this.timer = asyncScheduler.schedule(() => this.look(), INTERVAL);
    for (const { port } of free) port.connection.resume();
  }
}
