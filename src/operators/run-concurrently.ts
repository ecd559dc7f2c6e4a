import { from, Observable, Subscriber, type ObservableInput, type Observer, type Unsubscribable } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import { begin } from '../rx/direct.js';
import { ValueQueue } from './value-queue.js';

/** What is done with the values of a source; see {@link runConcurrently}. */
export interface Job<T, R> {
  /** The most runs at a time. */
  readonly concurrency: number;
  run(value: T): ObservableInput<R>;
  /** A run completed. What it throws errors the stream. */
  completed?(value: T): void;
  /** A run failed, and the stream goes on; without it, or when it throws, the stream errors. */
  failed?(error: unknown, value: T): void;
}

/**
 * Runs a job for each value of the source, so many at a time, and emits what the runs emit. It does what `mergeMap` with
 * a concurrency does, with three differences: the waiting values stand in a queue, where `mergeMap` shifts an array
 * once a completion, which is quadratic; runs that complete at once are taken in a loop, not by recursion; and a run
 * that ended leaves nothing behind.
 *
 * @throws MqttError `INVALID_OPTION` for a concurrency that is not a whole number of at least 1, or Infinity.
 */
export function runConcurrently<T, R>(source: Observable<T>, job: Job<T, R>): Observable<R> {
  return new Observable<R>((subscriber) => {
    const runs = new Runs(job, subscriber);
    subscriber.add(() => runs.stop());
    source.subscribe(runs);
  });
}

export function checkConcurrency(name: string, concurrency: number): void {
  if (concurrency === Infinity || (Number.isInteger(concurrency) && concurrency >= 1)) return;
  throw new MqttError(`${name}: concurrency is ${String(concurrency)}; give a whole number of 1 or more, or Infinity`, {
    code: ErrorCode.INVALID_OPTION,
  });
}

/**
 * Observes the source, holds what waits, and keeps the runs that have not ended. It is a subscriber, because RxJS would
 * wrap an observer twice, once for each value.
 */
class Runs<T, R> extends Subscriber<T> {
  private readonly waiting = new ValueQueue<T>();
  /**
   * The runs that can be ended, in any order: each knows its place. A `Set` would make a new table for every so many
   * runs, which keeps ended ones in memory until the next full collection.
   */
  private readonly active: Run<T, R>[] = [];
  private running = 0;
  private sourceCompleted = false;
  private draining = false;

  constructor(
    readonly job: Job<T, R>,
    readonly subscriber: Subscriber<R>,
  ) {
    super();
  }

  ended(run: Run<T, R>): void {
    this.running--;
    this.letGo(run);
    this.drain();
  }

  /** Ends the source and the runs. */
  stop(): void {
    this.unsubscribe();
    this.waiting.clear();
    for (let run = this.active.pop(); run !== undefined; run = this.active.pop()) {
      run.place = -1;
      run.stop();
    }
  }

  protected override _next(value: T): void {
    this.waiting.push(value);
    this.drain();
  }

  protected override _error(error: unknown): void {
    this.subscriber.error(error);
    this.unsubscribe();
  }

  protected override _complete(): void {
    this.sourceCompleted = true;
    this.unsubscribe();
    this.drain();
  }

  /** Starts what there is room for. A run that ends in here, or a value that comes in here, is seen by the loop. */
  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    while (this.running < this.job.concurrency && this.waiting.size > 0 && !this.subscriber.closed) {
      this.start(this.waiting.shift());
    }
    this.draining = false;
    if (this.sourceCompleted && this.running === 0 && this.waiting.size === 0) this.subscriber.complete();
  }

  private start(value: T): void {
    const run = new Run(this, value);
    this.running++;
    let output: Observable<R>;
    try {
      output = from(this.job.run(value));
    } catch (error) {
      run.error(error);
      return;
    }
    run.begun = begin(output, run);
    // Its own first value may have ended the stream, when it was not among those to be ended yet.
    if (run.closed || this.subscriber.closed) run.stop();
    else run.place = this.active.push(run) - 1;
  }

  /** The run that came last takes the place of the one that leaves. */
  private letGo(run: Run<T, R>): void {
    const { active } = this;
    const { place } = run;
    if (place < 0) return;
    const last = active.pop() as Run<T, R>;
    run.place = -1;
    if (last === run) return;
    active[place] = last;
    last.place = place;
  }
}

/** Observes one run. */
class Run<T, R> implements Observer<R> {
  /** Its index among the runs that can be ended; -1 when it is not among them. */
  place = -1;
  /** It has ended, or was ended. */
  closed = false;
  begun: Unsubscribable | undefined = undefined;

  constructor(
    private readonly runs: Runs<T, R>,
    private readonly value: T,
  ) {}

  stop(): void {
    this.closed = true;
    this.begun?.unsubscribe();
  }

  next(result: R): void {
    this.runs.subscriber.next(result);
  }

  error(error: unknown): void {
    this.end({ error });
  }

  complete(): void {
    this.end();
  }

  private end(failure?: { readonly error: unknown }): void {
    if (this.closed) return;
    this.stop();
    const { job, subscriber } = this.runs;
    try {
      if (failure === undefined) job.completed?.(this.value);
      else if (job.failed === undefined) throw failure.error;
      else job.failed(failure.error, this.value);
    } catch (thrown) {
      subscriber.error(thrown);
    }
    this.runs.ended(this);
  }
}
