import { defer, from, type Observable, type ObservableInput, of } from 'rxjs';

/**
 * What a function gives: a value as it is, or what an Observable, a promise or an iterable emits. Bytes and texts can
 * be iterated, and yet are values. What the function throws errors the stream.
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
