import { Observable, type Subscriber } from 'rxjs';
import { safeComplete, safeNext } from './safe-observer.js';

/**
 * A hot stream for the observers of the application. If one of them throws, the error is reported: the others still
 * get the value, and the caller goes on. RxJS's `Subject` passes what an operator of the application throws to its
 * caller, which here would be the connection.
 */
export class Broadcast<T> {
  /** Copied on each change, so that loops over the old list are undisturbed. */
  private observers: readonly Subscriber<T>[] = [];
  private completed = false;

  readonly stream$ = new Observable<T>((subscriber) => {
    if (this.completed) return subscriber.complete();
    this.observers = [...this.observers, subscriber];
    return () => (this.observers = this.observers.filter((other) => other !== subscriber));
  });

  get observed(): boolean {
    return this.observers.length > 0;
  }

  next(value: T): void {
    for (const observer of this.observers) safeNext(observer, value);
  }

  complete(): void {
    this.completed = true;
    const { observers } = this;
    this.observers = [];
    for (const observer of observers) safeComplete(observer);
  }
}
