import { cpuUsage } from 'node:process';
import { elapsed } from '../../rx/clock.js';
import { Histogram } from './histogram.js';

/** The result of a measurement. */
export interface Measured {
  /** How long it measured, in ms. */
  readonly time: number;
  readonly sent: number;
  readonly received: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** The processor time of this process, in ms. */
  readonly cpu: number;
  readonly latency: Histogram;
}

interface Moment {
  readonly at: number;
  readonly sent: number;
  readonly received: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly cpu: number;
}

/** Counts messages, and measures between two moments. Messages sent before the first moment only warm up. */
export class Meter {
  sent = 0;
  received = 0;
  bytesSent = 0;
  bytesReceived = 0;
  readonly latency = new Histogram();
  /** Since the last call of {@link recent}. */
  private readonly recentLatency = new Histogram();
  private looked = 0;
  private from: Moment | undefined;
  private to: Moment | undefined;

  get isMeasuring(): boolean {
    return this.from !== undefined && this.to === undefined;
  }

  begin(): void {
    this.from = this.now();
  }

  end(): void {
    this.to ??= this.now();
  }

  /** @param sentAt - when the message was sent, by `elapsed()` */
  record(sentAt: number, ms: number): void {
    this.recentLatency.record(ms);
    if (this.from !== undefined && sentAt >= this.from.at) this.latency.record(ms);
  }

  /** For progress: the messages since the last call, and their p99 in ms. */
  recent(): { readonly messages: number; readonly p99: number } {
    const messages = Math.max(this.sent, this.received) - this.looked;
    const p99 = this.recentLatency.quantile(0.99);
    this.looked += messages;
    this.recentLatency.clear();
    return { messages, p99 };
  }

  /** The measurement between the two moments, or from the first until now. */
  get measured(): Measured | undefined {
    const { from, to = this.now() } = this;
    if (from === undefined) return undefined;
    return {
      time: to.at - from.at,
      sent: to.sent - from.sent,
      received: to.received - from.received,
      bytesSent: to.bytesSent - from.bytesSent,
      bytesReceived: to.bytesReceived - from.bytesReceived,
      cpu: to.cpu - from.cpu,
      latency: this.latency,
    };
  }

  private now(): Moment {
    const { sent, received, bytesSent, bytesReceived } = this;
    const { user, system } = cpuUsage();
    return { at: elapsed(), sent, received, bytesSent, bytesReceived, cpu: (user + system) / 1000 };
  }
}
