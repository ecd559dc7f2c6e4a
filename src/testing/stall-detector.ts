import { clearInterval, setInterval } from 'node:timers';

/** The interval of the checks, in ms of real time. A long turn of the event loop counts as one. */
const PERIOD = 50;
/** After this many checks without progress, the test fails. */
const REACHED = 40;
/** After this many, another test may take over the virtual time. */
const LIKELY = 5;

/** Detects that a test waits while no virtual time passes, so that it would wait forever. */
export class StallDetector {
  /** Rejects when the test has stalled. */
  readonly reached: Promise<never>;
  private fail: () => void = () => undefined;
  private quiet = 0;
  private seen = -1;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** @param problem what to reject with. */
  constructor(problem: () => Error) {
    this.reached = new Promise<never>((_, reject) => {
      this.fail = () => reject(problem());
    });
    // The test may no longer wait for it by then.
    this.reached.catch(() => undefined);
  }

  /** @param progress changes with every step of the test; `Infinity` while time passes. */
  watch(progress: () => number): void {
    this.timer = setInterval(() => {
      const now = progress();
      this.quiet = now === this.seen && now !== Infinity ? this.quiet + 1 : 0;
      this.seen = now;
      if (this.quiet >= REACHED) this.declare();
    }, PERIOD);
  }

  get isLikely(): boolean {
    return this.quiet >= LIKELY;
  }

  declare(): void {
    this.stop();
    this.fail();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
