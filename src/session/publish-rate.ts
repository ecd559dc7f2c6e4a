import type { Subscription } from 'rxjs';
import { elapsed } from '../rx/clock.js';
import { safeTimer } from '../rx/safe-timer.js';

/**
 * Lets a number of messages pass within any second. It remembers when the last ones were sent, and calls back once the
 * oldest of them is far enough in the past.
 */
export class PublishRate {
  /** How many may go within `period`. */
  private readonly size: number;
  /** ms. */
  private readonly period: number;
  /** When the last ones went, in ms: a ring, with the oldest at `next`. */
  private readonly times: number[];
  private next = 0;
  /** Those that were admitted and are still to go. */
  private reserved = 0;
  private waking: Subscription | undefined;

  constructor(
    perSecond: number,
    /** Called when there is room again after a refusal. */
    private readonly onRoom: () => void,
  ) {
    this.size = Math.max(1, Math.floor(perSecond));
    this.period = (1000 * this.size) / perSecond;
    this.times = new Array<number>(this.size).fill(-Infinity);
  }

  /** Whether one may go now. If not, `onRoom` is called when one may. */
  admits(): boolean {
    const wait = this.wait();
    if (wait <= 0) return true;
    this.waking ??= safeTimer(wait).subscribe(() => {
      this.rest();
      this.onRoom();
    });
    return false;
  }

  /** One will go later; its place is kept. */
  reserve(): void {
    this.reserved++;
  }

  /** One went. */
  passed(): void {
    if (this.reserved > 0) this.reserved--;
    this.times[this.next] = elapsed();
    this.next = (this.next + 1) % this.size;
  }

  /** The connection is gone: reserved places are free, and nothing waits for room. */
  reset(): void {
    this.reserved = 0;
    this.rest();
  }

  /** ms until one may go. */
  private wait(): number {
    // All places are kept: they are free a period after the last of those went.
    if (this.reserved >= this.size) return this.period;
    const now = elapsed();
    const decisive = this.times[(this.next + this.reserved) % this.size] ?? -Infinity;
    return Math.ceil(decisive + this.period - now);
  }

  private rest(): void {
    this.waking?.unsubscribe();
    this.waking = undefined;
  }
}
