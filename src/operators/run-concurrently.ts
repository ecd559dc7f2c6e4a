import { Observable, type Subscription, takeWhile, throwError } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import { Fifo } from '../fifo.js';
import { fromInput, type StreamInput } from '../rx/from-input.js';

/** How to process the values of a source; see {@link runConcurrently}. */
export interface Job<T, R> {
  /** The most runs at a time. */
  readonly concurrency: number;
  run(value: T): StreamInput<R>;
  /** Each run emits one value at most, so that none has to be stopped while it emits. */
  readonly emitsOnce?: boolean;
  /** A run completed. If this throws, the stream errors. */
  completed?(value: T): void;
  /** A run failed, and the stream goes on. Without it, or when it throws, the stream errors. */
  failed?(error: unknown, value: T): void;
  /** Where values wait, for each subscription; left out: all in one row. */
  waiting?(): WaitingValues<T>;
}

/** The values that wait to be run. */
export interface WaitingValues<T> {
  /** How many may be run now. When none is running, no others wait. */
  readonly size: number;
  push(value: T): void;
  /** `undefined` if there are none. */
  shift(): T | undefined;
  /** The run of a value has ended, which others may have waited for. */
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
    const waiting: WaitingValues<T> = job.waiting?.() ?? new Fifo<T>();
    let running = 0;
    /** The runs that did not end while they were being started. */
    const subscriptions = new Set<Subscription>();
    let sourceCompleted = false;
    let draining = false;
    // A source that emits synchronously cannot be unsubscribed from before it returns.
    const wanted = (): boolean => !subscriber.closed;
    const emit = (result: R): void => subscriber.next(result);

    const start = (value: T): void => {
      let run: Subscription | undefined = undefined;
      let hasEnded = false;
      const ended = (failure?: { readonly error: unknown }): void => {
        // Ignore a run that was abandoned.
        if (hasEnded || !wanted()) return;
        hasEnded = true;
        running--;
        if (run !== undefined) subscriptions.delete(run);
        try {
          if (failure === undefined) job.completed?.(value);
          else if (job.failed !== undefined) job.failed(failure.error, value);
          else throw failure.error;
        } catch (thrown) {
          subscriber.error(thrown);
        }
        waiting.release?.(value);
        drain();
      };
      running++;
      let output$: Observable<R>;
      try {
        output$ = fromInput(job.run(value));
      } catch (thrown) {
        output$ = throwError(() => thrown);
      }
      run = (job.emitsOnce === true ? output$ : output$.pipe(takeWhile(wanted))).subscribe({
        next: emit,
        error: (error: unknown) => ended({ error }),
        complete: () => ended(),
      });
      if (!wanted()) run.unsubscribe();
      else if (!hasEnded) subscriptions.add(run);
    };
    /** Starts as many runs as may start. It loops, because runs may end and values arrive while one starts. */
    const drain = (): void => {
      if (draining) return;
      draining = true;
      while (running < job.concurrency && waiting.size > 0 && wanted()) start(waiting.shift() as T);
      draining = false;
      if (sourceCompleted && running === 0 && waiting.size === 0) subscriber.complete();
    };

    subscriber.add(() => {
      waiting.clear();
      for (const run of subscriptions) run.unsubscribe();
      subscriptions.clear();
    });
    subscriber.add(
      source.pipe(takeWhile(wanted)).subscribe({
        next(value) {
          waiting.push(value);
          drain();
        },
        error: (error: unknown) => subscriber.error(error),
        complete() {
          sourceCompleted = true;
          drain();
        },
      }),
    );
  });
}

/** @throws MqttError `INVALID_OPTION` for a concurrency that is not a whole number of at least 1, or Infinity. */
export function checkConcurrency(name: string, concurrency: number): void {
  if (concurrency === Infinity || (Number.isInteger(concurrency) && concurrency >= 1)) return;
  throw new MqttError(`${name}: concurrency is ${String(concurrency)}; give a whole number of 1 or more, or Infinity`, {
    code: ErrorCode.INVALID_OPTION,
  });
}
