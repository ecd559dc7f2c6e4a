import { defer, type Observable, of } from 'rxjs';
import { fromInput, type StreamInput } from './from-input.js';

/**
 * What a function gives: a value as it is, or what an Observable, a promise or an iterable emits. Bytes and texts can
 * be iterated, and yet are values. What the function throws errors the stream.
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
