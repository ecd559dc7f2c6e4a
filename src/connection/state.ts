import { Observable, type Subscriber } from 'rxjs';
import type { MqttError } from '../errors.js';
import { safeComplete } from '../rx/safe-observer.js';
import type { Negotiated } from './negotiated.js';

/** The client's connection state, discriminated by `status`. */
export type ConnectionState =
  /** Not connected and not trying: a lazy client without work, or server-side rendering. */
  | { readonly status: 'idle' }
  /**
   * Waiting for `beforeConnect`, dialling, or waiting for CONNACK. `attempt` counts from 1 since the last connection or
   * wake-up of the page.
   */
  | { readonly status: 'connecting'; readonly attempt: number; readonly url: string }
  | {
      readonly status: 'connected';
      readonly url: string;
      /** The broker resumed an earlier session. */
      readonly sessionPresent: boolean;
      /** The limits that client and broker negotiated for this connection. */
      readonly negotiated: Negotiated;
    }
  | {
      readonly status: 'reconnecting';
      /** The number of the next attempt. */
      readonly attempt: number;
      /** The wait in ms; undefined if a `reconnect` function of the application decides. */
      readonly delay: number | undefined;
      /** Why the connection is down. */
      readonly reason: MqttError;
    }
  /** Final: after `end()`, or with a reason that retrying cannot fix. */
  | { readonly status: 'ended'; readonly reason?: MqttError | undefined };

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
