import { TestScheduler } from 'rxjs/testing';
import { dateTimestampProvider } from 'rxjs/internal/scheduler/dateTimestampProvider';
import { immediateProvider } from 'rxjs/internal/scheduler/immediateProvider';
import { intervalProvider } from 'rxjs/internal/scheduler/intervalProvider';
import { performanceTimestampProvider } from 'rxjs/internal/scheduler/performanceTimestampProvider';
import { timeoutProvider } from 'rxjs/internal/scheduler/timeoutProvider';

const PROVIDERS = [
  dateTimestampProvider,
  immediateProvider,
  intervalProvider,
  performanceTimestampProvider,
  timeoutProvider,
] as { delegate: unknown }[];

/** Not 0, which some fields use for "no time". */
const START = 1_000_000;

/** Gives up a planned event. */
export type Cancel = () => void;

/**
 * The clock of one schedule. `TestScheduler.run` controls time only until its callback returns; a store is read through
 * promises, so here the control is kept between steps, while real microtasks run.
 */
export class VirtualClock {
  private readonly scheduler = new TestScheduler(() => undefined);
  private readonly delegates: readonly unknown[];
  /** Events of the world around the client. */
  private readonly planned = new Set<unknown>();

  constructor() {
    const { scheduler } = this;
    this.delegates = scheduler.run(() => {
      scheduler.maxFrames = 0;
      return PROVIDERS.map(({ delegate }) => delegate);
    });
    scheduler.frame = START;
    scheduler.maxFrames = START;
    PROVIDERS.forEach((provider, index) => (provider.delegate = this.delegates[index]));
  }

  /** ms. */
  get now(): number {
    return this.scheduler.frame;
  }

  /** Timers of the client that are armed. */
  get armed(): number {
    return this.scheduler.actions.filter((action) => !action.closed && !this.planned.has(action)).length;
  }

  /** Plans an event of the world around the client; it is not counted as armed. */
  plan(ms: number, event: () => void): Cancel {
    const action = this.scheduler.schedule(() => {
      this.planned.delete(action);
      event();
    }, ms);
    this.planned.add(action);
    return () => {
      this.planned.delete(action);
      action.unsubscribe();
    };
  }

  /** Lets time pass. */
  advance(ms: number): void {
    const until = this.scheduler.frame + ms;
    this.scheduler.maxFrames = until;
    this.scheduler.flush();
    this.scheduler.frame = until;
  }

  /** Gives time back to the platform. */
  close(): void {
    for (const provider of PROVIDERS) provider.delegate = undefined;
  }
}

/** Lets the promises that are due settle; they settle in the time of the clock. */
export async function microtasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
