import type { Subscriber } from 'rxjs';
import type { UnsubscribeProperties } from '../packet/packets.js';

/** One UNSUBSCRIBE. */
export interface UnsubscribeCall {
  readonly filters: readonly string[];
  readonly properties: UnsubscribeProperties | undefined;
  /** The caller of `unsubscribe()`; undefined when the last observers of the filters left. */
  readonly caller: Subscriber<readonly number[]> | undefined;
}

/** Filters that the broker must still forget, after a call of `unsubscribe()` or because no observer is left. */
export class PendingUnsubscribes {
  private all: UnsubscribeCall[] = [];
  private readonly left = new Set<string>();

  get calls(): readonly UnsubscribeCall[] {
    return this.all;
  }

  /** Filters that the broker's session may hold and no call names. */
  get filters(): readonly string[] {
    const called = new Set(this.all.flatMap(({ filters }) => filters));
    return [...this.left].filter((filter) => !called.has(filter));
  }

  addCall(call: UnsubscribeCall): void {
    this.all.push(call);
  }

  /** Returns false when it was not pending. */
  cancel(call: UnsubscribeCall): boolean {
    const { length } = this.all;
    this.all = this.all.filter((other) => other !== call);
    return this.all.length < length;
  }

  add(filter: string): void {
    this.left.add(filter);
  }

  /** The filter is wanted again. */
  remove(filter: string): void {
    this.left.delete(filter);
  }

  /** It is about to be sent. */
  sent(call: UnsubscribeCall): void {
    this.cancel(call);
    for (const filter of call.filters) this.left.delete(filter);
  }

  /** The broker has lost its session, and every filter with it. */
  sessionLost(): void {
    this.left.clear();
  }

  /** Nothing more will be sent: returns the calls that were not. */
  close(): readonly UnsubscribeCall[] {
    const { all } = this;
    this.all = [];
    this.left.clear();
    return all;
  }
}
