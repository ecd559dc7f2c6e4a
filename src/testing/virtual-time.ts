import { asapScheduler, asyncScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { VirtualClock } from './virtual-clock.js';

/** Controls the virtual time of a test. */
export interface VirtualTime {
  /** Sets the time of day to this moment, in ms since 1970. Elapsed time does not change. */
  setTimeOfDay(moment: number): void;
  /** Restores the schedulers. */
  restore(): void;
}

/** A test that owns the virtual time. */
export interface RunningTest {
  /** The line of its `mqttTest` call. */
  readonly place: string | undefined;
  /** Restores the schedulers if the test has stalled. Returns whether it had. */
  yieldTime(): boolean;
}

type Now = typeof asyncScheduler.now & { readonly running?: RunningTest };

/** The running test, even of another copy of the kit. */
export const runningTest = (): RunningTest | undefined => (asyncScheduler.now as Now).running;

/**
 * Points RxJS's `asyncScheduler` and `asapScheduler`, on which all timing is built, at a virtual clock, by their public
 * methods.
 */
export function virtualTime(clock: VirtualClock, running?: RunningTest): VirtualTime {
  const { now } = asyncScheduler;
  const { frameTimeFactor } = TestScheduler;
  let offset = 0;
  const timeOfDay = (): number => clock.frame + offset;
  clock.now = timeOfDay;
  // As in RxJS's run mode: one character of a diagram is 1 ms.
  TestScheduler.frameTimeFactor = 1;
  // rx/clock reads `elapsed`, even in another copy of the library.
  asyncScheduler.now = Object.assign(timeOfDay, { elapsed: () => clock.frame, running });
  asyncScheduler.schedule = (work, delay, state) => clock.schedule(work, delay, state);
  asapScheduler.schedule = (work, delay, state) => clock.scheduleAsap(work, delay, state);
  return {
    setTimeOfDay(moment) {
      offset = moment - clock.frame;
    },
    restore() {
      asyncScheduler.now = now;
      TestScheduler.frameTimeFactor = frameTimeFactor;
      // Uncovers the method of the prototype.
      Reflect.deleteProperty(asyncScheduler, 'schedule');
      Reflect.deleteProperty(asapScheduler, 'schedule');
    },
  };
}
