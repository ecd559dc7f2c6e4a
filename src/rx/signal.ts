import { Observable, type Subscriber } from 'rxjs';

/**
 * Says that something happened, to one observer at a time. A Subject would copy its observer list at each `next`;
 * this is for signals that are given once a message.
 */
export class Signal {
  private observer: Subscriber<void> | undefined;

  readonly emitted$ = new Observable<void>((subscriber) => {
    this.observer = subscriber;
    return () => {
      if (this.observer === subscriber) this.observer = undefined;
    };
  });

  emit(): void {
    this.observer?.next();
  }
}
