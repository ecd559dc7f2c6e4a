import type { Subscriber } from 'rxjs';
import type { SubscribePort, SubscriptionRequests, UnsubscribeCall } from './requests.js';

/** What the broker is to forget: filters that nobody wants any more, and what `unsubscribe()` was called for. */
export class Unsubscribing {
  /** Filters that the broker's session may still hold though nobody wants them any more. */
  private readonly leftovers = new Set<string>();
  private calls: UnsubscribeCall[] = [];

  constructor(private readonly requests: SubscriptionRequests) {}

  call(call: UnsubscribeCall): void {
    this.calls.push(call);
  }

  takeBack(call: UnsubscribeCall): void {
    this.calls = this.calls.filter((other) => other !== call);
  }

  /** Nobody wants the filter any more. */
  leave(filter: string): void {
    this.leftovers.add(filter);
  }

  /** Somebody wants the filter again. */
  keep(filter: string): void {
    this.leftovers.delete(filter);
  }

  /** The broker has lost its session, and with it every filter. */
  forget(): void {
    this.leftovers.clear();
  }

  /** Those who wait for an answer to a call that was not sent; none is sent any more. */
  close(): Subscriber<readonly number[]>[] {
    const callers = this.calls.flatMap(({ caller }) => caller ?? []);
    this.calls = [];
    return callers;
  }

  send(port: SubscribePort): void {
    const { calls } = this;
    this.calls = [];
    const called = new Set(calls.flatMap((call) => call.filters));
    for (const call of calls) this.sendCall(port, call);
    const filters = [...this.leftovers].filter((leftover) => !called.has(leftover));
    for (const batch of this.requests.packed(port, filters)) {
      this.sendCall(port, { filters: batch, properties: undefined, caller: undefined });
    }
  }

  private sendCall(port: SubscribePort, call: UnsubscribeCall): void {
    // Beforehand, because the answer may come before this returns.
    for (const filter of call.filters) this.leftovers.delete(filter);
    if (this.requests.unsubscribe(port, call)) return;
    if (call.caller !== undefined) this.calls.push(call);
    else for (const filter of call.filters) this.leftovers.add(filter);
  }
}
