import { Observable, type Observer, type Subscriber, takeWhile, type Unsubscribable } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import { Fifo } from '../fifo.js';
import { shown } from '../options/check-options.js';

/** How to process the values of a source; see {@link runConcurrently}. */
export interface Job<T, R> {
  /** The most runs at a time. */
  readonly concurrency: number;
  /** Starts the run of a value. A throw is a failure of that run. */
  start(value: T, observer: RunObserver<R>): Unsubscribable;
  /** A run completed. If this throws, the stream errors. */
  completed?(value: T): void;
  /** A run failed, and the stream goes on. Without it, or when it throws, the stream errors. */
  failed?(error: unknown, value: T): void;
  /** Makes the queue of one subscription. Default: first in, first out. */
  waiting?(): WaitingValues<T>;
}

/** Observes one run. */
export interface RunObserver<R> extends Observer<R> {
  /** The stream is over. A run that emits many values synchronously cannot be unsubscribed from, and looks here. */
  readonly closed: boolean;
}

/** The values that wait to be run. */
export interface WaitingValues<T> {
  /** How many may be run now. While no run is active, no further values wait. */
  readonly size: number;
  push(value: T): void;
  /** `undefined` if there are none. */
  shift(): T | undefined;
  /** The run of a value has ended; others may have waited for it. */
  release?(value: T): void;
  clear(): void;
}

/**
 * Runs a job for each value of the source, a bounded number at a time, and emits what the runs emit. It differs from
 * `mergeMap` with a concurrency only in cost: `mergeMap` shifts an array for each waiting value, which is quadratic,
 * and recurses into runs that complete at once.
 */
export function runConcurrently<T, R>(source: Observable<T>, job: Job<T, R>): Observable<R> {
  return new Observable<R>((subscriber) => {
    const runs = new Runs(job, subscriber);
    subscriber.add(() => runs.stop());
    subscriber.add(source.pipe(takeWhile(() => runs.wanted)).subscribe(runs));
  });
}

/** The runs of one subscription: an observer of the source. */
class Runs<T, R> implements Observer<T> {
  /** The runs that did not end while they were being started. */
  readonly open = new Set<Unsubscribable>();
  private readonly waiting: WaitingValues<T>;
  private running = 0;
  private sourceCompleted = false;
  private draining = false;

  constructor(
    readonly job: Job<T, R>,
    readonly subscriber: Subscriber<R>,
  ) {
    this.waiting = job.waiting?.() ?? new Fifo<T>();
  }

  /** A source that emits synchronously cannot be unsubscribed from before it returns. */
  get wanted(): boolean {
    return !this.subscriber.closed;
  }

  next(value: T): void {
    this.waiting.push(value);
    this.drain();
  }

  error(error: unknown): void {
    this.subscriber.error(error);
  }

  complete(): void {
    this.sourceCompleted = true;
    this.drain();
  }

  ended(value: T): void {
    this.running--;
    this.waiting.release?.(value);
    this.drain();
  }

  stop(): void {
    this.waiting.clear();
    for (const run of this.open) run.unsubscribe();
    this.open.clear();
  }

  /** Starts as many runs as may start. It loops, because runs may end and values arrive while one starts. */
  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    while (this.running < this.job.concurrency && this.waiting.size > 0 && this.wanted) {
      this.running++;
      new Run(this, this.waiting.shift() as T).start();
    }
    this.draining = false;
    if (this.sourceCompleted && this.running === 0 && this.waiting.size === 0) this.subscriber.complete();
  }
}

/** The run of one value, and the observer of its stream. One object per message instead of five closures. */
class Run<T, R> implements RunObserver<R> {
  private work: Unsubscribable | undefined = undefined;
  private hasEnded = false;

  constructor(
    private readonly runs: Runs<T, R>,
    private readonly value: T,
  ) {}

  get closed(): boolean {
    return !this.runs.wanted;
  }

  start(): void {
    const { runs } = this;
    try {
      const work = runs.job.start(this.value, this);
      if (this.closed) work.unsubscribe();
      else if (!this.hasEnded) {
        this.work = work;
        runs.open.add(work);
      }
    } catch (error) {
      this.end({ error });
    }
  }

  next(result: R): void {
    this.runs.subscriber.next(result);
  }

  error(error: unknown): void {
    this.end({ error });
  }

  complete(): void {
    this.end(undefined);
  }

  private end(failure: { readonly error: unknown } | undefined): void {
    const { runs, value } = this;
    // Ignore a run that was abandoned.
    if (this.hasEnded || !runs.wanted) return;
    this.hasEnded = true;
    if (this.work !== undefined) runs.open.delete(this.work);
    try {
      if (failure === undefined) runs.job.completed?.(value);
      else if (runs.job.failed !== undefined) runs.job.failed(failure.error, value);
      else throw failure.error;
    } catch (thrown) {
      runs.subscriber.error(thrown);
    }
    runs.ended(value);
  }
}

/** @throws MqttError `INVALID_OPTION` for a concurrency that is not a whole number of at least 1, or Infinity. */
export function checkConcurrency(name: string, concurrency: number): void {
  if (concurrency === Infinity || (Number.isInteger(concurrency) && concurrency >= 1)) return;
  throw new MqttError(`${name}: concurrency is ${shown(concurrency)}; give a whole number of 1 or more, or Infinity`, {
    code: ErrorCode.INVALID_OPTION,
  });
}
