import { from, Observable, type ObservableInput, type Observer } from 'rxjs';

/**
 * An Observable of the platform, as browsers have one. RxJS 7 does not know it: it has neither `Symbol.observable` nor an
 * iterator, and unsubscribing is the business of an AbortSignal.
 */
export interface NativeObservable<T> {
  subscribe(observer: Partial<Observer<T>>, options: { readonly signal: AbortSignal }): void;
}

/** What RxJS makes an Observable of, and an Observable of the platform. */
export type StreamInput<T> = ObservableInput<T> | NativeObservable<T>;

/** An Observable of anything that is one in some way. */
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
