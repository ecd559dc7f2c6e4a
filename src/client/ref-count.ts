import type { Subscription } from 'rxjs';
import { safeTimer } from '../rx/safe-timer.js';

/** Counts the uses of a lazy client: starts it with the first, and stops it `linger` ms after the last. */
export class RefCount {
  private count = 0;
  private waiting: Subscription | undefined;
  private closed = false;

  constructor(
    /** ms; undefined for a client that is not lazy, which counts nothing. */
    private readonly linger: number | undefined,
    private readonly start: () => void,
    private readonly stop: () => void,
  ) {}

  /** Adds one use; the returned function removes it. */
  add(): (() => void) | undefined {
    const { linger } = this;
    if (linger === undefined) return undefined;
    this.count++;
    this.waiting?.unsubscribe();
    this.start();
    return () => {
      this.count--;
      if (this.count === 0 && !this.closed) this.waiting = safeTimer(linger).subscribe(() => this.stop());
    };
  }

  /** The client has stopped. Starts it again if it is in use by now. */
  resumeIfNeeded(): void {
    if (this.count > 0) this.start();
  }

  close(): void {
    this.closed = true;
    this.waiting?.unsubscribe();
  }
}
