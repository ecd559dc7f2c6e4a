import { elapsed } from '../../rx/clock.js';

/** Limits the CONNECT packets of each second. */
export class ConnectRate {
  private second = 0;
  private count = 0;

  constructor(private readonly limit: number) {}

  /** Counts one; returns false when it exceeds the limit. */
  take(): boolean {
    const second = Math.floor(elapsed() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.count = 0;
    }
    return ++this.count <= this.limit;
  }
}
