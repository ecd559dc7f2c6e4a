import { asapScheduler, asyncScheduler } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { VirtualClock } from './virtual-clock.js';

/** The time of day in virtual time, and the way back to the platform's. */
export interface VirtualTime {
  /** Moves the time of day to this moment, in ms since 1970; how much time has passed stays as it is. */
  setTimeOfDay(moment: number): void;
  /** Gives the schedulers back. */
  restore(): void;
}

/** A test that has the time to itself. */
export interface RunningTest {
  /** The line that began it. */
  readonly place: string | undefined;
  /** Gives the time back when the test has come to a standstill, and tells whether it has. */
  giveWay(): boolean;
}

type Now = typeof asyncScheduler.now & { readonly running?: RunningTest };

/** The test that is running, of whatever copy of the kit. */
export const runningTest = (): RunningTest | undefined => (asyncScheduler.now as Now).running;

/**
 * Points the schedulers that everything with time in it stands on at a virtual clock: `asyncScheduler` and
 * `asapScheduler`, by their public methods.
 */
export function virtualTime(clock: VirtualClock, running?: RunningTest): VirtualTime {
  const { now } = asyncScheduler;
  const { frameTimeFactor } = TestScheduler;
  let offset = 0;
  const timeOfDay = (): number => clock.frame + offset;
  clock.now = timeOfDay;
  // As in RxJS's run mode: one character of a diagram is 1 ms.
  TestScheduler.frameTimeFactor = 1;
  // `elapsed` is what rx/clock asks for in whatever copy of the library stands beside this one.
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
      // What stands on the prototype shows again.
      Reflect.deleteProperty(asyncScheduler, 'schedule');
      Reflect.deleteProperty(asapScheduler, 'schedule');
    },
  };
}
