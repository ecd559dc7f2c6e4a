import { clearInterval, setInterval } from 'node:timers';

/** ms of real time between two looks. A turn of the event loop that takes long counts as one. */
const PERIOD = 50;
/** So many looks at which nothing went on: the test waits for what never comes. */
const REACHED = 40;
/** So many, and another test may take the time for itself. */
const LIKELY = 5;

/** Notices that a test waits, and lets no time pass meanwhile: nothing will ever go on. */
export class Standstill {
  /** Rejects then. */
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
    // It may be reached when the test does not wait any more.
    this.reached.catch(() => undefined);
  }

  /** @param progress changes whenever something goes on; `Infinity` while time passes. */
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
