import { Observable, Subject, type Subscriber } from 'rxjs';
import { safeComplete } from '../rx/safe-observer.js';
import type { SubscriptionIndex } from './subscription-index.js';
import type { SubscriptionInfo } from './subscription-info.js';

/** How many refusals to remember after their observers have left. */
const REMEMBERED_REFUSALS = 100;

/** The status of each subscription: at once, and after each change. */
export class SubscriptionsView {
  private readonly observers = new Set<Subscriber<ReadonlyMap<string, SubscriptionInfo>>>();
  private readonly refusals = new Map<string, SubscriptionInfo>();
  private closed = false;
  private readonly changes = new Subject<void>();
  /** Emits after each change; completes with the client. */
  readonly changed$: Observable<void> = this.changes.asObservable();

  readonly subscriptions$ = new Observable<ReadonlyMap<string, SubscriptionInfo>>((subscriber) => {
    subscriber.next(this.snapshot());
    if (this.closed) {
      subscriber.complete();
      return undefined;
    }
    this.observers.add(subscriber);
    return () => this.observers.delete(subscriber);
  });

  constructor(private readonly index: SubscriptionIndex) {}

  /** The broker refused the filter. */
  denied(filter: string, info: SubscriptionInfo): void {
    this.refusals.delete(filter);
    this.refusals.set(filter, info);
    const [oldest] = this.refusals.keys();
    if (oldest !== undefined && this.refusals.size > REMEMBERED_REFUSALS) this.refusals.delete(oldest);
  }

  /** A subscriber asks for the filter again. */
  wanted(filter: string): void {
    this.refusals.delete(filter);
  }

  /** The status of one subscription; undefined if the filter has no subscriber. */
  infoOf(filter: string): SubscriptionInfo | undefined {
    const refusal = this.refusals.get(filter);
    const subscription = this.index.get(filter);
    if (refusal !== undefined || subscription === undefined || subscription.isLeaving) return refusal;
    const { info, packetId } = subscription;
    return info.status === 'active' ? { ...info, packetId } : info;
  }

  changed(): void {
    this.changes.next();
    if (this.observers.size === 0) return;
    const snapshot = this.snapshot();
    for (const observer of [...this.observers]) observer.next(snapshot);
  }

  close(): void {
    this.closed = true;
    this.changes.complete();
    for (const observer of [...this.observers]) safeComplete(observer);
    this.observers.clear();
  }

  private snapshot(): ReadonlyMap<string, SubscriptionInfo> {
    const snapshot = new Map(this.refusals);
    for (const { filter, info, isLeaving } of this.index.all()) if (!isLeaving) snapshot.set(filter, info);
    return snapshot;
  }
}
