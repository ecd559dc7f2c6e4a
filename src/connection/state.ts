import { Observable, type Subscriber } from 'rxjs';
import type { MqttError } from '../errors.js';
import { safeComplete } from '../rx/safe-observer.js';
import type { Negotiated } from './negotiated.js';

/** Where the client stands. Told apart by `status`. */
export type ConnectionState =
  /** Nothing is open and nothing is tried: a lazy client without work, or a server-side page. */
  | { readonly status: 'idle' }
  /** Dialling, or waiting for CONNACK. `attempt` counts from 1 since the last connection. */
  | { readonly status: 'connecting'; readonly attempt: number; readonly url: string }
  | {
      readonly status: 'connected';
      readonly url: string;
      /** The broker continued an earlier session. */
      readonly sessionPresent: boolean;
      /** What client and broker agreed on for this connection. */
      readonly negotiated: Negotiated;
    }
  | {
      readonly status: 'reconnecting';
      /** The attempt that comes next. */
      readonly attempt: number;
      /** ms until then; undefined where a `reconnect` function of the application decides. */
      readonly delay: number | undefined;
      /** Why there is no connection. */
      readonly reason: MqttError;
    }
  /** For good: by `end()`, or with the reason that retrying cannot mend. */
  | { readonly status: 'ended'; readonly reason?: MqttError | undefined };

/**
 * The current state as an Observable. An observer gets the current state at once and then each transition in order,
 * also when one of the observers causes the next transition from inside its handler: that one waits until all
 * observers have seen this one.
 */
export class StateCell<T> {
  private readonly observers = new Set<Subscriber<T>>();
  private readonly queue: T[] = [];
  private draining = false;
  private done = false;

  private current: T;
  /** What the observers were shown last; behind `current` only while transitions wait. */
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

  /** The last transition: observers complete after it. */
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
