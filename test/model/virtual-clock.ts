import { dateTimestampProvider } from 'rxjs/internal/scheduler/dateTimestampProvider';
import { immediateProvider } from 'rxjs/internal/scheduler/immediateProvider';
import { intervalProvider } from 'rxjs/internal/scheduler/intervalProvider';
import { performanceTimestampProvider } from 'rxjs/internal/scheduler/performanceTimestampProvider';
import { timeoutProvider } from 'rxjs/internal/scheduler/timeoutProvider';

/** Not 0, which some fields use for "no time". */
const START = 1_000_000;

interface Event {
  readonly handle: number;
  readonly handler: () => void;
  /** ms between two calls; undefined: it is called once. */
  readonly period: number | undefined;
  /** Of the world around the client: not counted as armed. */
  readonly foreign: boolean;
  due: number;
}

/** Gives up a planned event. */
export type Cancel = () => void;

/**
 * The clock of one schedule: what the schedulers of RxJS ask for time and timers, as `TestScheduler` does it. Unlike
 * `TestScheduler.run` it keeps the control between steps, while the promises of a store settle, and unlike it, it stands
 * timers of one moment that cancel each other.
 */
export class VirtualClock {
  now = START;
  private readonly events = new Map<number, Event>();
  private immediates = new Map<number, () => void>();
  private handles = 0;

  constructor() {
    const timers = {
      set: (handler: () => void, ms: number | undefined, repeats: boolean): number =>
        this.add(handler, Math.max(0, ms ?? 0), repeats, false),
      clear: (handle: number): void => void this.events.delete(handle),
    };
    delegate(dateTimestampProvider, { now: () => this.now });
    delegate(performanceTimestampProvider, { now: () => this.now });
    delegate(immediateProvider, {
      setImmediate: (handler: () => void) => {
        this.immediates.set(++this.handles, handler);
        return this.handles;
      },
      clearImmediate: (handle: number) => void this.immediates.delete(handle),
    });
    delegate(intervalProvider, {
      setInterval: (handler: () => void, ms?: number) => timers.set(handler, ms, true),
      clearInterval: timers.clear,
    });
    delegate(timeoutProvider, {
      setTimeout: (handler: () => void, ms?: number) => timers.set(handler, ms, false),
      clearTimeout: timers.clear,
    });
  }

  /** Timers and gathered work of the client that are still due. */
  get armed(): number {
    return this.immediates.size + [...this.events.values()].filter(({ foreign }) => !foreign).length;
  }

  /** Plans an event of the world around the client. */
  plan(ms: number, event: () => void): Cancel {
    const handle = this.add(event, ms, false, true);
    return () => this.events.delete(handle);
  }

  /** Lets time pass, and does what becomes due. */
  advance(ms: number): void {
    const until = this.now + ms;
    this.flushImmediates();
    for (let event = this.next(until); event !== undefined; event = this.next(until)) {
      this.now = event.due;
      if (event.period === undefined) this.events.delete(event.handle);
      else event.due += event.period;
      event.handler();
      this.flushImmediates();
    }
    this.now = until;
  }

  /** Gives time back to the platform. What is left must not stay with the schedulers, which the next clock shares. */
  close(): void {
    for (let round = 0; this.immediates.size > 0 && round < 100; round++) {
      const due = this.immediates;
      this.immediates = new Map();
      for (const handler of due.values()) quietly(handler);
    }
    for (const provider of [dateTimestampProvider, immediateProvider, intervalProvider]) delegate(provider, undefined);
    for (const provider of [performanceTimestampProvider, timeoutProvider]) delegate(provider, undefined);
  }

  /** What is gathered for a tick comes before anything else, as microtasks do. */
  private flushImmediates(): void {
    while (this.immediates.size > 0) {
      const due = this.immediates;
      this.immediates = new Map();
      for (const handler of due.values()) handler();
    }
  }

  private next(until: number): Event | undefined {
    let first: Event | undefined;
    for (const event of this.events.values()) {
      if (event.due <= until && (first === undefined || event.due < first.due)) first = event;
    }
    return first;
  }

  private add(handler: () => void, ms: number, repeats: boolean, foreign: boolean): number {
    const handle = ++this.handles;
    this.events.set(handle, { handle, handler, period: repeats ? ms : undefined, foreign, due: this.now + ms });
    return handle;
  }
}

function quietly(handler: () => void): void {
  try {
    handler();
  } catch {
    // The schedule has failed already.
  }
}

/** RxJS lets a test scheduler take the place of the platform this way. */
function delegate(provider: { delegate: unknown }, replacement: unknown): void {
  provider.delegate = replacement;
}

/** Lets the promises that are due settle; they settle in the time of the clock. */
export async function microtasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
