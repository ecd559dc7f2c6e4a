import type { Subscription } from 'rxjs';
import { safeTimer } from '../rx/safe-timer.js';

/**
 * Counts what a lazy client is needed for. It is started with the first need and rests `linger` ms after the last one.
 */
export class RefCount {
  private count = 0;
  private waiting: Subscription | undefined;
  private closed = false;

  constructor(
    /** ms; undefined where the client is not lazy, and nothing is counted. */
    private readonly linger: number | undefined,
    private readonly start: () => void,
    private readonly rest: () => void,
  ) {}

  /** One more need; the function that is returned takes it back. */
  add(): (() => void) | undefined {
    const { linger } = this;
    if (linger === undefined) return undefined;
    this.count++;
    this.waiting?.unsubscribe();
    this.start();
    return () => {
      this.count--;
      if (this.count === 0 && !this.closed) this.waiting = safeTimer(linger).subscribe(() => this.rest());
    };
  }

  /** The client has come to rest; perhaps it is needed again by now. */
  resumeIfNeeded(): void {
    if (this.count > 0) this.start();
  }

  close(): void {
    this.closed = true;
    this.waiting?.unsubscribe();
  }
}
