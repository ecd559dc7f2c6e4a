import { elapsed } from '../rx/clock.js';

/** How long after a wake-up a lost connection is dialled again without delay, in ms. */
const WAKE_UP_COUNTS = 5000;

/** A page that wakes up often says so several times, within so many ms. */
const ONE_WAKE_UP = 1000;

/**
 * Which attempts are owed to a wake-up of the page. One for each wake-up, so that a broker that is down is not hammered;
 * it is made at once and spends none of the retries.
 */
export class WakeUpAttempts {
  /** The attempt that runs, or comes next, is owed to a wake-up. */
  isOwed = false;
  /** ms; a page learns only after it woke up that its socket is gone. */
  private wokenAt = -Infinity;
  private takenAt = -Infinity;

  /** The page woke up while the client waits for its next attempt. Returns whether to make it at once. */
  take(): boolean {
    const now = elapsed();
    if (now - this.takenAt < ONE_WAKE_UP) return false;
    this.takenAt = now;
    this.isOwed = true;
    return true;
  }

  /** The page woke up while the client is connected, or makes an attempt. */
  note(): void {
    if (!this.isOwed) this.wokenAt = elapsed();
  }

  /** An attempt or a connection has failed. Returns whether the backoff begins anew. */
  failed(): boolean {
    const wasOwed = this.isOwed;
    this.isOwed = !wasOwed && elapsed() - this.wokenAt < WAKE_UP_COUNTS;
    this.wokenAt = -Infinity;
    if (this.isOwed) this.takenAt = elapsed();
    return wasOwed || this.isOwed;
  }
}
