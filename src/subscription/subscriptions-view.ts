import { asapScheduler, Observable } from 'rxjs';
import { ErrorCode, SubscribeError } from '../errors.js';
import { Broadcast } from '../rx/broadcast.js';
import { safeNext } from '../rx/safe-observer.js';
import { refused } from './subscribe-errors.js';
import type { FilterIndex } from './filter-index.js';
import type { SubscriptionInfo } from './subscription-info.js';

/** How many refusals to remember after their observers have left. */
const REMEMBERED_REFUSALS = 100;

/** The status of each filter. */
type Statuses = ReadonlyMap<string, SubscriptionInfo>;

/** What the application sees of its subscriptions: the status of each, and the broker's answers. */
export class SubscriptionsView {
  private readonly changes = new Broadcast<void>();
  private readonly refusals = new Map<string, SubscriptionInfo>();

  /** All statuses: at once, and after each change. Completes with the client. */
  readonly subscriptions$ = new Observable<Statuses>((subscriber) => {
    const show = (): void => safeNext(subscriber, this.snapshot());
    show();
    return this.changes.stream$.subscribe({ next: show, complete: () => subscriber.complete() });
  });

  constructor(private readonly index: FilterIndex) {}

  /**
   * Waits until the broker has granted all of the filters, emits what it granted, and completes. Errors with
   * `SubscribeError` when the broker refuses one, or a tick later when one has no subscriber. Completes without a value
   * when the client ends first.
   *
   * @param anyAnswer - refusals are emitted, too, and filters that lost their last subscriber are left out.
   */
  granted(filters: readonly string[], anyAnswer = false): Observable<Statuses> {
    return new Observable<Statuses>((subscriber) => {
      let isLater = false;
      const look = (): void => {
        const found = new Map<string, SubscriptionInfo>();
        for (const filter of filters) {
          const info = this.infoOf(filter);
          if (info === undefined) {
            if (anyAnswer) continue;
            if (isLater) subscriber.error(notSubscribed(filter));
            return;
          }
          if (info.status === 'denied' && !anyAnswer) {
            return subscriber.error(refused(filter, info.reasonCode ?? 0x80));
          }
          if (info.status !== 'denied' && info.status !== 'active') return;
          found.set(filter, info);
        }
        subscriber.next(found);
        subscriber.complete();
      };
      subscriber.add(this.changes.stream$.subscribe({ next: look, complete: () => subscriber.complete() }));
      // A subscription of the same tick counts.
      return asapScheduler.schedule(() => {
        isLater = true;
        look();
      });
    });
  }

  /** The broker refused the filter. */
  denied(filter: string, reasonCode: number | undefined): void {
    this.refusals.delete(filter);
    this.refusals.set(filter, { status: 'denied', reasonCode });
    const [oldest] = this.refusals.keys();
    if (oldest !== undefined && this.refusals.size > REMEMBERED_REFUSALS) this.refusals.delete(oldest);
  }

  /** A subscriber asks for the filter again. */
  wanted(filter: string): void {
    this.refusals.delete(filter);
  }

  changed(): void {
    this.changes.next();
  }

  close(): void {
    this.changes.complete();
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
