import type { Subscription } from 'rxjs';
import { elapsed } from '../rx/clock.js';
import { safeTimer } from '../rx/safe-timer.js';

/**
 * A sliding window: limits the messages within any second. It remembers when the last ones were sent, and calls back
 * once the oldest of them is far enough in the past.
 */
export class PublishRate {
  /** How many messages may be sent within `period`. */
  private readonly size: number;
  /** The length of the window, in ms. */
  private readonly period: number;
  /** When the last messages were sent, in ms: a ring, with the oldest at `next`. */
  private readonly times: number[];
  private next = 0;
  /** How many messages were admitted and not sent yet. */
  private reserved = 0;
  private timer: Subscription | undefined;

  constructor(
    perSecond: number,
    /** Called when there is room again after a refusal. */
    private readonly onRoom: () => void,
  ) {
    this.size = Math.max(1, Math.floor(perSecond));
    this.period = (1000 * this.size) / perSecond;
    this.times = new Array<number>(this.size).fill(-Infinity);
  }

  /** Whether a message may be sent now. If not, `onRoom` is called once it may. */
  admits(): boolean {
    const wait = this.wait();
    if (wait <= 0) return true;
    this.timer ??= safeTimer(wait).subscribe(() => {
      this.stopWaiting();
      this.onRoom();
    });
    return false;
  }

  /** Keeps a place for a message that will be sent later. */
  reserve(): void {
    this.reserved++;
  }

  /** A message was sent. */
  passed(): void {
    if (this.reserved > 0) this.reserved--;
    this.times[this.next] = elapsed();
    this.next = (this.next + 1) % this.size;
  }

  /** The connection is gone: reserved places are free, and nothing waits for room. */
  reset(): void {
    this.reserved = 0;
    this.stopWaiting();
  }

  /** How long until a message may be sent, in ms. */
  private wait(): number {
    // All places are reserved: they become free a period after their messages are sent.
    if (this.reserved >= this.size) return this.period;
    const now = elapsed();
    const decisive = this.times[(this.next + this.reserved) % this.size] ?? -Infinity;
    return Math.ceil(decisive + this.period - now);
  }

  private stopWaiting(): void {
    this.timer?.unsubscribe();
    this.timer = undefined;
  }
}
