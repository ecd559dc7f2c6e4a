import { Observable, type Subscriber } from 'rxjs';

const NO_OBSERVERS: readonly Subscriber<void>[] = [];

/**
 * Tells observers that a socket has drained. A Subject would take several times the memory, and most connections of a
 * broker are idle.
 */
export class DrainSignal {
  readonly drained$: Observable<void>;
  private observers = NO_OBSERVERS;
  private isOver = false;

  constructor() {
    this.drained$ = new Observable((subscriber) => this.attach(subscriber));
  }

  emit(): void {
    for (const observer of this.observers) observer.next();
  }

  complete(): void {
    this.isOver = true;
    const { observers } = this;
    this.observers = NO_OBSERVERS;
    for (const observer of observers) observer.complete();
  }

  /** Closed observers are dropped when the next one subscribes, or at the end. */
  private attach(subscriber: Subscriber<void>): void {
    if (this.isOver) return subscriber.complete();
    this.observers = [...this.observers.filter(({ closed }) => !closed), subscriber];
  }
}
