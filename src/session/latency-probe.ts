import { elapsed } from '../rx/clock.js';

/** A summary of the measured latencies, in ms. @inline */
export interface LatencySummary {
  /** The newest measurement. */
  readonly last: number;
  /** The smallest one. */
  readonly min: number;
  /** The arithmetic mean. */
  readonly mean: number;
  /** The largest one. */
  readonly max: number;
  /** How many measurements there are. */
  readonly count: number;
}

/** Measures how long exchanges take, one at a time, so that not every message reads the clock. */
export class LatencyProbe {
  /** Number of observers; nothing is measured without one. */
  watchers = 0;
  private probe: object | undefined;
  private startedAt = 0;
  private last = 0;
  private min = Infinity;
  private max = 0;
  private sum = 0;
  private count = 0;

  get summary(): LatencySummary | undefined {
    const { last, min, max, sum, count } = this;
    return count === 0 ? undefined : { last, min, mean: sum / count, max, count };
  }

  started(exchange: object): void {
    if (this.watchers === 0 || this.probe !== undefined) return;
    this.probe = exchange;
    this.startedAt = elapsed();
  }

  finished(exchange: object): void {
    if (this.probe !== exchange) return;
    this.probe = undefined;
    this.last = elapsed() - this.startedAt;
    this.min = Math.min(this.min, this.last);
    this.max = Math.max(this.max, this.last);
    this.sum += this.last;
    this.count++;
  }

  /** Drops the running measurement: after a reconnect it would include the outage. */
  reset(): void {
    this.probe = undefined;
  }
}
