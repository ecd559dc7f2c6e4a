import { Observable, type Subscriber } from 'rxjs';

/**
 * Says that something happened. A Subject would copy its observer list at each `next`; this is for signals that are
 * given once a message, and mostly to nobody.
 */
export class Signal {
  private observers: readonly Subscriber<void>[] = [];

  readonly emitted$ = new Observable<void>((subscriber) => {
    this.observers = [...this.observers, subscriber];
    return () => {
      this.observers = this.observers.filter((observer) => observer !== subscriber);
    };
  });

  emit(): void {
    for (const observer of this.observers) observer.next();
  }
}
