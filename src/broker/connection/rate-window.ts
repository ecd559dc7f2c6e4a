import { elapsed } from '../../rx/clock.js';

/** Allows so many events in each window of time. */
export class RateWindow {
  private began = 0;
  private count = 0;

  /** @param length - of the window, in ms. */
  constructor(
    private readonly most: number,
    private readonly length: number,
  ) {}

  /** Counts one; returns false when it is too many. */
  take(): boolean {
    const now = elapsed();
    if (this.count === 0 || now - this.began >= this.length) {
      this.began = now;
      this.count = 0;
    }
    return ++this.count <= this.most;
  }
}
