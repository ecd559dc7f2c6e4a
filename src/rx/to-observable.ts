import { defer, from, type Observable, type ObservableInput, of } from 'rxjs';

/**
 * Turns the result of a function into a stream: Observables, promises and iterables emit their values, anything else is
 * the one value. Bytes and strings count as values although they are iterable. If the function throws, the stream
 * errors.
 */
export function toObservable<T>(ask: () => T | ObservableInput<T>): Observable<T> {
  return defer(() => {
    const answer = ask();
    return isInput(answer) ? from(answer) : of(answer);
  });
}

function isInput<T>(answer: T | ObservableInput<T>): answer is ObservableInput<T> {
  if (typeof answer !== 'object' || answer === null || ArrayBuffer.isView(answer)) return false;
  return 'subscribe' in answer || 'then' in answer || Symbol.iterator in answer || Symbol.asyncIterator in answer;
}
