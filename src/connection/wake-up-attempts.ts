import { elapsed } from '../rx/clock.js';

/** How long after a wake-up a lost connection is dialled again without delay, in ms. */
const WAKE_UP_COUNTS = 5000;

/**
 * Which attempts are owed to a wake-up of the page. One for each wake-up, so that a broker that is down is not hammered;
 * it is made at once and spends none of the retries.
 */
export class WakeUpAttempts {
  /** The attempt that runs, or comes next, is owed to a wake-up. */
  isOwed = false;
  /** ms; a page learns only after it woke up that its socket is gone. */
  private wokenAt = -Infinity;

  /** The page woke up while no attempt was awaited. It often says so several times. */
  wokeUp(): void {
    if (!this.isOwed) this.wokenAt = elapsed();
  }

  /** An attempt or a connection has failed. Returns whether the backoff begins anew. */
  failed(): boolean {
    const wasOwed = this.isOwed;
    this.isOwed = !wasOwed && elapsed() - this.wokenAt < WAKE_UP_COUNTS;
    this.wokenAt = -Infinity;
    return wasOwed || this.isOwed;
  }
}
