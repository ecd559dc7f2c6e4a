import { type MonoTypeOperatorFunction, Observable, type Subscription } from 'rxjs';

/**
 * Passes an error on only after the source was torn down, so that whoever retries at once finds nothing of it left.
 * Operators of RxJS do it the other way round.
 */
export function finalizeBeforeError<T>(): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable<T>((subscriber) => {
      let running: Subscription | undefined = undefined;
      let failure: { readonly error: unknown } | undefined;
      const settle = (): void => {
        // A source that errors while it is being subscribed to is settled below.
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
