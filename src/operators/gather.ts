import {
  asapScheduler,
  asyncScheduler,
  Observable,
  type OperatorFunction,
  type Subscriber,
  type Subscription,
} from 'rxjs';
import { operate } from '../rx/operate.js';

/** Takes values one by one, and gives now and then what it has made of them. */
export interface Gatherer<A, B> {
  /** What it throws errors the stream. */
  take(value: A): void;
  give(subscriber: Subscriber<B>): void;
}

/**
 * Has the values of a source gathered, and what was gathered given once a period. A period begins when the gatherer says
 * that there is something to give, and it is `ms` long; with 0 it ends with the tick.
 *
 * Completes with the source, after what is left was given; errors with it at once. `build` makes the gatherer of one
 * subscription; what it adds to the subscriber is torn down with it.
 */
export function gather<A, B>(
  ms: number,
  build: (ready: () => void, subscriber: Subscriber<B>) => Gatherer<A, B>,
): OperatorFunction<A, B> {
  const scheduler = ms === 0 ? asapScheduler : asyncScheduler;
  return (source) =>
    new Observable<B>((subscriber) => {
      let due: Subscription | undefined;
      const give = (): void => {
        // What comes while something is given belongs to the next period.
        due = undefined;
        gatherer.give(subscriber);
      };
      const gatherer = build(() => (due ??= scheduler.schedule(give, ms)), subscriber);
      subscriber.add(() => due?.unsubscribe());
      subscriber.add(
        source.pipe(operate<A, never>(() => (value) => gatherer.take(value))).subscribe({
          error: (error: unknown) => subscriber.error(error),
          complete() {
            if (due !== undefined) {
              due.unsubscribe();
              give();
            }
            subscriber.complete();
          },
        }),
      );
    });
}
