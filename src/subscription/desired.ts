import type { Unsubscribable } from 'rxjs';
import { safeTimer } from '../rx/safe-timer.js';
import { FilterSubscription } from './filter-subscription.js';
import type { MessageSubscriber } from './message-subscriber.js';
import type { Router } from './router.js';
import { conflict } from './subscribe-errors.js';
import { differentOption, type SubscriptionRequest } from './subscription-request.js';

/** Which filters the application wants: who observes them, and which linger. Knows nothing of the broker. */
export class DesiredSubscriptions {
  /** Subscriptions that may differ from what the broker has. */
  readonly dirty = new Set<FilterSubscription>();
  /** Subscriptions that are kept for a while without observers. */
  private readonly lingering = new Map<FilterSubscription, Unsubscribable>();
  private created = 0;

  constructor(
    private readonly router: Router,
    /** A subscription is no longer wanted. */
    private readonly onReleased: () => void,
  ) {}

  /** @throws SubscribeError when another observer uses one of the filters with different options. */
  check(filters: readonly string[], request: SubscriptionRequest): void {
    for (const filter of filters) {
      const present = this.router.index.get(filter);
      if (present?.isObserved !== true) continue;
      const option = differentOption(present.request, request);
      if (option !== undefined) throw conflict(filter, option, present.request[option]);
    }
  }

  join(observer: MessageSubscriber): void {
    const { filter, request } = observer;
    const subscription = this.router.index.get(filter) ?? this.create(filter, request);
    if (subscription.isKnown && this.mustRequestAgain(subscription, request)) subscription.requestAgain();
    this.endLinger(subscription);
    subscription.add(observer);
    this.router.changed(subscription);
    this.dirty.add(subscription);
  }

  leave(observer: MessageSubscriber): void {
    const subscription = this.router.index.observedBy(observer);
    if (subscription === undefined) return;
    subscription.remove(observer);
    this.router.changed(subscription);
    if (subscription.isObserved) return;
    const { linger } = observer.request;
    if (linger === 0 || subscription.isLeaving) return this.release(subscription);
    this.lingering.set(
      subscription,
      safeTimer(linger).subscribe(() => this.release(subscription)),
    );
  }

  /** `unsubscribe()` was called for the filter: it is no longer wanted, but observed until the answer. */
  dismiss(subscription: FilterSubscription): void {
    this.endLinger(subscription);
    subscription.isLeaving = true;
    if (subscription.isObserved) this.dirty.delete(subscription);
    else this.release(subscription);
  }

  /** Removes and returns the subscriptions that are no longer wanted. */
  takeUnwanted(): FilterSubscription[] {
    const unwanted = [...this.dirty].filter(
      (subscription) => !subscription.isObserved && !this.lingering.has(subscription),
    );
    for (const subscription of unwanted) this.remove(subscription);
    return unwanted;
  }

  /** Removes a subscription and returns its observers. */
  remove(subscription: FilterSubscription): readonly MessageSubscriber[] {
    this.endLinger(subscription);
    this.dirty.delete(subscription);
    this.router.remove(subscription);
    return subscription.removeAll();
  }

  private create(filter: string, request: SubscriptionRequest): FilterSubscription {
    const subscription = new FilterSubscription(filter, request, this.created++);
    this.router.add(subscription);
    return subscription;
  }

  /** A later observer also gets the retained messages: they answer another SUBSCRIBE. */
  private mustRequestAgain(subscription: FilterSubscription, request: SubscriptionRequest): boolean {
    const { isObserved, isShared, request: present, state } = subscription;
    const isLater = isObserved || this.lingering.has(subscription);
    const lacksReplay = !isShared && present.retainHandling === 0 && state !== 'resubscribe';
    return (isLater && lacksReplay) || differentOption(present, request) !== undefined;
  }

  private endLinger(subscription: FilterSubscription): void {
    this.lingering.get(subscription)?.unsubscribe();
    this.lingering.delete(subscription);
  }

  private release(subscription: FilterSubscription): void {
    this.endLinger(subscription);
    this.dirty.add(subscription);
    this.onReleased();
  }
}
