import { from, Observable, type ObservableInput, type Observer } from 'rxjs';

/**
 * The native Observable of Chromium. RxJS 7 does not recognise it, because it has neither `Symbol.observable` nor an
 * iterator. An AbortSignal unsubscribes from it.
 */
export interface NativeObservable<T> {
  /** Subscribes; an abort of the signal unsubscribes. */
  subscribe(observer: Partial<Observer<T>>, options: { readonly signal: AbortSignal }): void;
}

/** Anything that RxJS converts to an Observable, or a native Observable. */
export type StreamInput<T> = ObservableInput<T> | NativeObservable<T>;

/** Converts the input to an Observable: `from`, which also takes native Observables. */
export function fromInput<T>(input: StreamInput<T>): Observable<T> {
  if (input instanceof Observable || !isNative(input)) return from(input);
  return new Observable<T>((subscriber) => {
    const controller = new AbortController();
    subscriber.add(() => controller.abort());
    input.subscribe(
      {
        next: (value) => subscriber.next(value),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      },
      { signal: controller.signal },
    );
  });
}

function isNative<T>(input: StreamInput<T>): input is NativeObservable<T> {
  return Object.prototype.toString.call(input) === '[object Observable]';
}
