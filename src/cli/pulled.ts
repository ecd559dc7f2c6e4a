import { Observable, type Subscription } from 'rxjs';
import { afterElapsed, elapsed } from '../rx/clock.js';

export interface PullOptions<T> {
  /** How many projections may run at a time. */
  readonly concurrency: number;
  /** The time from now until a value is due, in ms. Default: at once. */
  readonly due?: (value: T, index: number) => number;
}

/** Timers fire a little early, and clocks show fractions. */
const ROUNDING = 0.5;

/** How long values may be taken without a break, in ms, so that signals and sockets get their turn. */
const SLICE = 10;

/**
 * Takes values one after the other, each when it is due, and subscribes to their projections. The next value is taken
 * only when there is room for it, so that a file or a pipe is read no faster than the broker accepts its messages.
 *
 * Completes when all values are taken and all projections have completed. Errors with the source or a projection.
 */
export function pulled<T, R>(
  values: Iterable<T> | AsyncIterable<T>,
  project: (value: T, index: number) => Observable<R>,
  { concurrency, due = () => 0 }: PullOptions<T>,
): Observable<R> {
  return new Observable((subscriber) => {
    const iterator = Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
    let running = 0;
    let index = 0;
    /** Whether a value is being read or waits until it is due, or a break is made. */
    let isBusy = false;
    let isOver = false;
    let isPulling = false;
    let timer: Subscription | undefined;
    let sliceEnd = elapsed() + SLICE;

    const after = (ms: number, then: () => void): void => {
      timer = afterElapsed(ms, () => {
        sliceEnd = elapsed() + SLICE;
        then();
      });
    };
    const failed = (error: unknown): void => subscriber.error(error);
    const start = (value: T): void => {
      isBusy = false;
      running++;
      subscriber.add(
        project(value, index++).subscribe({
          next: (result) => subscriber.next(result),
          error: failed,
          complete: () => {
            running--;
            pull();
          },
        }),
      );
      pull();
    };
    const take = (result: IteratorResult<T, unknown>): void => {
      if (subscriber.closed) return;
      if (result.done === true) {
        isOver = true;
        isBusy = false;
        return pull();
      }
      try {
        const left = due(result.value, index);
        timer?.unsubscribe();
        if (left > ROUNDING) after(left, () => start(result.value));
        else start(result.value);
      } catch (error) {
        failed(error);
      }
    };
    /** Loops, because values may be available and projections complete at once. */
    const pull = (): void => {
      if (isPulling) return;
      isPulling = true;
      while (!isBusy && !isOver && running < concurrency && !subscriber.closed) {
        isBusy = true;
        if (elapsed() >= sliceEnd) {
          after(0, () => {
            isBusy = false;
            pull();
          });
          break;
        }
        try {
          const next = iterator.next();
          if (next instanceof Promise) next.then(take, failed);
          else take(next);
        } catch (error) {
          failed(error);
        }
      }
      isPulling = false;
      if (isOver && running === 0) subscriber.complete();
    };
    subscriber.add(() => timer?.unsubscribe());
    pull();
  });
}
