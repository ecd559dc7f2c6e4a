import { isObservable, type Observable, of, switchMap } from 'rxjs';

/** Goes on with a decision: now, if it is known now, or once it is emitted. */
export function andThen<A, B>(decision: A | Observable<A>, next: (found: A) => B | Observable<B>): B | Observable<B> {
  if (!isObservable(decision)) return next(decision);
  return decision.pipe(switchMap((found) => asObservable(next(found))));
}

/** A decision, whether or not it is known now. */
export function asObservable<T>(decision: T | Observable<T>): Observable<T> {
  return isObservable(decision) ? decision : of(decision);
}
