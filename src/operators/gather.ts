import {
  asapScheduler,
  asyncScheduler,
  Observable,
  type OperatorFunction,
  type Subscriber,
  type Subscription,
} from 'rxjs';
import { operate } from '../rx/operate.js';

/** Collects values, and emits a result from time to time. */
export interface Gatherer<A, B> {
  /** Adds a value. If it throws, the stream errors. */
  add(value: A): void;
  /** Emits a result for the values since the last time. */
  emit(subscriber: Subscriber<B>): void;
}

/**
 * Passes the values of the source to a gatherer and lets it emit once per period. A period starts when the gatherer
 * calls `ready`, and lasts `ms`; with 0 it ends with the tick.
 *
 * When the source completes, the gatherer emits once more, and the stream completes. An error passes at once. `build`
 * creates the gatherer of one subscription, and may add teardowns to its subscriber.
 */
export function gather<A, B>(
  ms: number,
  build: (ready: () => void, subscriber: Subscriber<B>) => Gatherer<A, B>,
): OperatorFunction<A, B> {
  const scheduler = ms === 0 ? asapScheduler : asyncScheduler;
  return (source) =>
    new Observable<B>((subscriber) => {
      let due: Subscription | undefined;
      const emit = (): void => {
        // Values that arrive during the emission belong to the next period.
        due = undefined;
        gatherer.emit(subscriber);
      };
      const gatherer = build(() => (due ??= scheduler.schedule(emit, ms)), subscriber);
      subscriber.add(() => due?.unsubscribe());
      subscriber.add(
        source.pipe(operate<A, never>(() => (value) => gatherer.add(value))).subscribe({
          error: (error: unknown) => subscriber.error(error),
          complete() {
            if (due !== undefined) {
              due.unsubscribe();
              emit();
            }
            subscriber.complete();
          },
        }),
      );
    });
}
