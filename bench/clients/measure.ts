import type { Figures, Job } from '../workload.js';

/** The job of this process. */
export function readJob(): Job {
  return JSON.parse(process.argv[2] ?? '{}') as Job;
}

/** Says what came out, and ends the process. */
export function report(figures: Figures): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}

/** Starts the clock; the function that is returned reads it. */
export function stopwatch(): (messages: number) => Figures {
  const started = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  return (messages) => {
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const used = process.cpuUsage(cpu);
    return {
      rate: messages / seconds,
      cost: (seconds * 1e9) / messages,
      cpu: (used.user + used.system) / messages,
    };
  };
}

/**
 * Keeps `window` things under way until `count` are done. `start` begins one and sees to it that `done` is called,
 * perhaps at once.
 */
export function keepInFlight(count: number, window: number, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    let started = 0;
    let finished = 0;
    let filling = false;
    const fill = (): void => {
      if (filling) return;
      filling = true;
      while (started < count && started - finished < window) {
        started++;
        start(done);
      }
      filling = false;
      if (finished === count) resolve();
    };
    const done = (): void => {
      finished++;
      fill();
    };
    fill();
  });
}

/** Calls back at the end of a row of messages; the clock starts after the warm-up. */
export class Arrivals {
  private seen = 0;
  private read: ((messages: number) => Figures) | undefined;

  constructor(
    private readonly job: Job,
    private readonly finished: (figures: Figures) => void,
  ) {}

  count(): void {
    this.seen++;
    if (this.seen === this.job.warmup) this.read = stopwatch();
    if (this.seen === this.job.warmup + this.job.messages && this.read !== undefined) {
      this.finished(this.read(this.job.messages));
    }
  }
}

/** Bytes that are in use once what is not was collected. */
export function memoryInUse(): number {
  global.gc?.();
  global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

export function rssInMiB(): number {
  return process.memoryUsage.rss() / 1024 / 1024;
}

/** Median and 99th percentile of round trips in ns. */
export function percentiles(samples: number[]): Figures {
  samples.sort((a, b) => a - b);
  const at = (share: number): number => (samples[Math.floor((samples.length - 1) * share)] as number) / 1000;
  return { p50: at(0.5), p99: at(0.99) };
}
