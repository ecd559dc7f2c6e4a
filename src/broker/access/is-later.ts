import { isObservable, type Observable } from 'rxjs';

/** Whether the answer of a hook comes later. */
export function isLater(answer: unknown): answer is PromiseLike<unknown> | Observable<unknown> {
  if (typeof answer !== 'object' || answer === null) return false;
  return isObservable(answer) || ('then' in answer && typeof answer.then === 'function');
}
