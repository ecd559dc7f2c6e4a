import { defer, type Observable, of } from 'rxjs';
import { fromInput, type StreamInput } from './from-input.js';

/**
 * Turns the result of a function into a stream: Observables, promises and iterables emit their values, anything else is
 * a single value. Bytes and strings count as values although they are iterable. If the function throws, the stream
 * errors.
 */
export function toObservable<T>(ask: () => T | StreamInput<T>): Observable<T> {
  return defer(() => {
    const answer = ask();
    return isInput(answer) ? fromInput(answer) : of(answer);
  });
}

function isInput<T>(answer: T | StreamInput<T>): answer is StreamInput<T> {
  if (typeof answer !== 'object' || answer === null || ArrayBuffer.isView(answer)) return false;
  return 'subscribe' in answer || 'then' in answer || Symbol.iterator in answer || Symbol.asyncIterator in answer;
}
