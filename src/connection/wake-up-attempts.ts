import { elapsed } from '../rx/clock.js';

/** How long after a wake-up a lost connection is dialled again without delay, in ms. */
const WAKE_UP_COUNTS = 5000;

/** A page often reports one wake-up several times within this many ms. */
const ONE_WAKE_UP = 1000;

/**
 * Grants one immediate attempt per wake-up of the page, which does not count as a retry. No more than one, so that a
 * broker that is down is not flooded.
 */
export class WakeUpAttempts {
  /** Whether the running or next attempt belongs to a wake-up. */
  isOwed = false;
  /** When the page woke up, in ms; only after that does it learn that its socket is gone. */
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

  /** An attempt or a connection has failed. Returns whether the backoff starts over. */
  failed(): boolean {
    const wasOwed = this.isOwed;
    this.isOwed = !wasOwed && elapsed() - this.wokenAt < WAKE_UP_COUNTS;
    this.wokenAt = -Infinity;
    if (this.isOwed) this.takenAt = elapsed();
    return wasOwed || this.isOwed;
  }
}
