import { type MonoTypeOperatorFunction, Observable, type Subscription } from 'rxjs';

/**
 * Tears the source down before passing its error on, so that an immediate retry starts from a clean state. RxJS
 * operators pass the error first.
 */
export function finalizeBeforeError<T>(): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      let running: Subscription | undefined = undefined;
      let failure: { readonly error: unknown } | undefined;
      const settle = (): void => {
        // A source that errors during subscribe is settled below.
        if (running === undefined || failure === undefined) return;
        running.unsubscribe();
        subscriber.error(failure.error);
      };
      running = source.subscribe({
        next: (value) => subscriber.next(value),
        error(error: unknown) {
          failure = { error };
          settle();
        },
        complete: () => subscriber.complete(),
      });
      subscriber.add(running);
      settle();
    });
}
