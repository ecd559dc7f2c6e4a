import { Observable, type Subscriber } from 'rxjs';
import { safeComplete } from './safe-observer.js';

/**
 * The current state as an Observable. New observers get the current state at once, then each transition in order. If an
 * observer causes a transition inside its handler, the transition waits until every observer has seen the current one.
 */
export class StateCell<T> {
  private readonly observers = new Set<Subscriber<T>>();
  private readonly queue: T[] = [];
  private draining = false;
  private done = false;

  private current: T;
  /** The last value the observers saw; differs from `current` only while transitions wait. */
  private shown: T;

  constructor(initial: T) {
    this.current = initial;
    this.shown = initial;
  }

  get value(): T {
    return this.current;
  }

  readonly value$ = new Observable<T>((subscriber) => {
    subscriber.next(this.shown);
    if (this.done && !this.draining) {
      subscriber.complete();
      return undefined;
    }
    this.observers.add(subscriber);
    return () => this.observers.delete(subscriber);
  });

  set(next: T): void {
    if (this.done) return;
    this.current = next;
    this.queue.push(next);
    this.drain();
  }

  /** Makes the last transition and completes the observers. */
  finish(last: T): void {
    if (this.done) return;
    this.current = last;
    this.queue.push(last);
    this.done = true;
    this.drain();
  }

  private drain(): void {
    if (this.draining) return;
    this.draining = true;
    for (;;) {
      const next = this.queue.shift();
      if (next === undefined) break;
      this.shown = next;
      for (const observer of [...this.observers]) observer.next(next);
    }
    this.draining = false;
    if (!this.done) return;
    for (const observer of [...this.observers]) safeComplete(observer);
    this.observers.clear();
  }
}
