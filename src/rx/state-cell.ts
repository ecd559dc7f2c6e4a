import { Observable } from 'rxjs';
import { Broadcast } from './broadcast.js';
import { safeNext } from './safe-observer.js';

/**
 * The current state as an Observable. New observers get the current state at once, then each transition in order. If an
 * observer causes a transition inside its handler, the transition waits until every observer has seen the current one.
 */
export class StateCell<T> {
  private readonly changes = new Broadcast<T>();
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
    const { draining } = this;
    // A transition that this handler causes waits until the subscriber is among the observers.
    this.draining = true;
    safeNext(subscriber, this.shown);
    subscriber.add(this.changes.stream$.subscribe(subscriber));
    this.draining = draining;
    this.drain();
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
      this.changes.next(next);
    }
    this.draining = false;
    if (this.done) this.changes.complete();
  }
}
