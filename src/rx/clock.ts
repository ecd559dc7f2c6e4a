import { asyncScheduler, type SchedulerAction, Subscription } from 'rxjs';

/** Platforms take 32 bits for a delay, and fire at once where it is longer. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** ms by which the scheduler and `Date.now()` may differ and still be one clock. */
const SAME_CLOCK = 50;

/** A timer that fires less than this many ms early is as exact as the platform rounds. */
const ROUNDING = 1;

/** A test that moves the time of day provides the elapsed time here. */
type Now = typeof asyncScheduler.now & { readonly elapsed?: () => number };

let isPlatform = true;
/** The last reading of the source. */
let told = 0;
/** Added to the readings of the source. */
let ahead = 0;

/**
 * How much time has passed, in ms since some moment in the past. Only differences mean something. It never goes back, and
 * setting the clock of the computer does not move it.
 *
 * It is `performance.now()` as long as RxJS's scheduler shows the platform's time of day; otherwise (`TestScheduler`) it is
 * the scheduler's time.
 */
export function elapsed(): number {
  const { elapsed: virtual } = asyncScheduler.now as Now;
  const scheduled = virtual === undefined ? asyncScheduler.now() : virtual();
  const agrees = Math.abs(scheduled - Date.now()) < SAME_CLOCK;
  return advance(virtual === undefined && agrees, scheduled);
}

/**
 * The time of day, in ms since 1970: for signatures, for texts that people read, and for ages that outlive the process.
 * People and time servers set it, so it does not measure how long something takes.
 */
export function timeOfDay(): number {
  return asyncScheduler.now();
}

/** The time of day at a moment of {@link elapsed}. */
export function toTimeOfDay(moment: number): number {
  return timeOfDay() - (elapsed() - moment);
}

/** The moment of {@link elapsed} at this time of day. The future counts as now. */
export function fromTimeOfDay(time: number): number {
  return elapsed() - Math.max(0, timeOfDay() - time);
}

/**
 * Calls back when so many ms have passed, which the clock shows by then: fake timers that leave `performance.now()` alone
 * move it on. Unsubscribing gives it up. `Infinity` never calls back.
 */
export function afterElapsed(ms: number, then: () => void): Subscription {
  if (ms === Infinity) return new Subscription();
  const due = elapsed() + ms;
  let step = Math.min(ms, LONGEST_TIMER);
  let left = ms - step;
  return asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
    reached(due - left);
    if (left <= 0) return then();
    step = Math.min(left, LONGEST_TIMER);
    left -= step;
    this.schedule(undefined, step);
  }, step);
}

/** Goes on from where the clock stood when the source is another one, or begins anew. */
function advance(platform: boolean, scheduled: number): number {
  const now = platform ? performance.now() : scheduled;
  // Whole ms, so that the whole frames of virtual time add up exactly.
  if (platform !== isPlatform || now < told) ahead = Math.ceil(ahead + told - now);
  isPlatform = platform;
  told = now;
  return now + ahead;
}

function reached(moment: number): void {
  const missing = moment - elapsed();
  if (missing >= ROUNDING) ahead += missing;
}
