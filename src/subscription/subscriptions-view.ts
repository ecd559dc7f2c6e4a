import { asapScheduler, Observable, Subject, type Subscriber } from 'rxjs';
import { ErrorCode, SubscribeError } from '../errors.js';
import { safeComplete } from '../rx/safe-observer.js';
import { refused } from './subscribe-errors.js';
import type { FilterIndex } from './filter-index.js';
import type { SubscriptionInfo } from './subscription-info.js';

/** How many refusals to remember after their observers have left. */
const REMEMBERED_REFUSALS = 100;

/** The status of each filter. */
type Statuses = ReadonlyMap<string, SubscriptionInfo>;

/** What the application sees of its subscriptions: the status of each, and the broker's answers. */
export class SubscriptionsView {
  private readonly observers = new Set<Subscriber<Statuses>>();
  private readonly refusals = new Map<string, SubscriptionInfo>();
  private closed = false;
  /** Emits after each change; completes with the client. */
  private readonly changes = new Subject<void>();

  /** All statuses: at once, and after each change. */
  readonly subscriptions$ = new Observable<Statuses>((subscriber) => {
    subscriber.next(this.snapshot());
    if (this.closed) {
      subscriber.complete();
      return undefined;
    }
    this.observers.add(subscriber);
    return () => this.observers.delete(subscriber);
  });

  constructor(private readonly index: FilterIndex) {}

  /**
   * Waits until the broker has granted all of the filters, emits what it granted, and completes. Errors with
   * `SubscribeError` when the broker refuses one, or a tick later when one has no subscriber. Completes without a value
   * when the client ends first.
   */
  granted(filters: readonly string[]): Observable<Statuses> {
    return this.answersFor(filters, false);
  }

  /**
   * Waits until the broker has answered for all of the filters, whatever it says. Leaves out filters that lost their
   * last subscriber.
   */
  answered(filters: readonly string[]): Observable<Statuses> {
    return this.answersFor(filters, true);
  }

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

  private answersFor(filters: readonly string[], mayBeRefusedOrGone: boolean): Observable<Statuses> {
    return new Observable<Statuses>((subscriber) => {
      let isLater = false;
      const look = (): void => {
        if (subscriber.closed) return;
        const found = new Map<string, SubscriptionInfo>();
        for (const filter of filters) {
          const info = this.infoOf(filter);
          if (info === undefined) {
            if (mayBeRefusedOrGone) continue;
            if (isLater) subscriber.error(notSubscribed(filter));
            return;
          }
          if (info.status === 'denied' && !mayBeRefusedOrGone) {
            return subscriber.error(refused(filter, info.reasonCode ?? 0x80));
          }
          if (info.status !== 'denied' && info.status !== 'active') return;
          found.set(filter, info);
        }
        subscriber.next(found);
        subscriber.complete();
      };
      subscriber.add(this.changes.subscribe({ next: look, complete: () => subscriber.complete() }));
      // A subscription of the same tick counts.
      subscriber.add(
        asapScheduler.schedule(() => {
          isLater = true;
          look();
        }),
      );
    });
  }

  /** The status of one subscription; undefined if the filter has no subscriber. */
  private infoOf(filter: string): SubscriptionInfo | undefined {
    const refusal = this.refusals.get(filter);
    const subscription = this.index.get(filter);
    if (refusal !== undefined || subscription === undefined) return refusal;
    const { info, packetId } = subscription;
    return info.status === 'active' ? { ...info, packetId } : info;
  }

  private snapshot(): Statuses {
    const snapshot = new Map(this.refusals);
    for (const { filter, info, isLeaving } of this.index.all()) if (!isLeaving) snapshot.set(filter, info);
    return snapshot;
  }
}

function notSubscribed(filter: string): SubscribeError {
  return new SubscribeError(`granted: "${filter}" has no subscriber; subscribe to it first, or in the same tick`, {
    filter,
    code: ErrorCode.NOT_SUBSCRIBED,
  });
}
