import { asyncScheduler, type SchedulerAction, Subscription } from 'rxjs';

/** Platforms hold a delay in 32 bits, and fire at once when it is longer. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** How far the scheduler and `Date.now()` may differ and still count as one clock, in ms. */
const SAME_CLOCK = 50;

/** How early a timer may fire because the platform rounds, in ms. */
const ROUNDING = 1;

/** A test that moves the time of day provides the elapsed time here. */
type Now = typeof asyncScheduler.now & { readonly elapsed?: () => number };

let isPlatform = true;
/** The last reading of the source. */
let lastReading = 0;
/** Added to the readings of the source. */
let offset = 0;

/**
 * How much time has passed, in ms since some moment in the past. Only differences are meaningful. It never goes back,
 * and setting the computer's clock does not move it.
 *
 * It is `performance.now()` as long as RxJS's scheduler shows the platform's time of day; otherwise (`TestScheduler`)
 * it is the scheduler's time.
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
 * Calls back after this many ms. The clock shows that they have passed, even under fake timers that leave
 * `performance.now()` alone. Unsubscribing cancels it; `Infinity` never calls back.
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

/** Continues from the last reading when the source changes or restarts. */
function advance(platform: boolean, scheduled: number): number {
  const now = platform ? performance.now() : scheduled;
  // Whole ms, so that the whole frames of virtual time add up exactly.
  if (platform !== isPlatform || now < lastReading) offset = Math.ceil(offset + lastReading - now);
  isPlatform = platform;
  lastReading = now;
  return now + offset;
}

function reached(moment: number): void {
  const missing = moment - elapsed();
  if (missing >= ROUNDING) offset += missing;
}
