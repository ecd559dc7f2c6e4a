import type { Unsubscribable } from 'rxjs';
import { safeTimer } from '../rx/safe-timer.js';
import { FilterSubscription } from './filter-subscription.js';
import type { MessageSubscriber } from './message-subscriber.js';
import type { Router } from './router.js';
import { conflict } from './subscribe-errors.js';
import { differentOption, type SubscriptionRequest } from './subscription-request.js';

/** Which filters are observed, by whom, and for how long: what the application wants, whatever the broker has of it. */
export class DesiredSubscriptions {
  /** What may be different from what the broker has: until it was asked for, or found to be the same. */
  readonly dirty = new Set<FilterSubscription>();
  /** Subscriptions that are kept without observers for a while. */
  private readonly lingering = new Map<FilterSubscription, Unsubscribable>();
  private created = 0;

  constructor(
    private readonly router: Router,
    /** A subscription is not wanted any more. */
    private readonly onReleased: () => void,
  ) {}

  /** @throws SubscribeError when others observe one of the filters with other options. */
  check(filters: readonly string[], request: SubscriptionRequest): void {
    for (const filter of filters) {
      const present = this.router.index.get(filter);
      if (present?.isObserved !== true) continue;
      const option = differentOption(present.request, request);
      if (option !== undefined) throw conflict(filter, option, present.request[option]);
    }
  }

  /** Lets an observer in. */
  join(observer: MessageSubscriber): void {
    const { filter, request } = observer;
    const subscription = this.router.index.get(filter) ?? this.create(filter, request);
    if (subscription.isKnown && this.mustRequestAgain(subscription, request)) subscription.requestAgain();
    this.endLinger(subscription);
    subscription.add(observer);
    this.router.changed(subscription);
    this.dirty.add(subscription);
  }

  /** Lets an observer out again. */
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

  /** The application unsubscribed from the filter: it is wanted no more, but observed until that is answered. */
  dismiss(subscription: FilterSubscription): void {
    this.endLinger(subscription);
    subscription.isLeaving = true;
    if (subscription.isObserved) this.dirty.delete(subscription);
    else this.release(subscription);
  }

  /** Removes those that are not wanted any more, and gives them back. */
  takeUnwanted(): FilterSubscription[] {
    const unwanted = [...this.dirty].filter(
      (subscription) => !subscription.isObserved && !this.lingering.has(subscription),
    );
    for (const subscription of unwanted) this.remove(subscription);
    return unwanted;
  }

  /** Removes a subscription, and gives its observers back. */
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

  /** A later observer gets the retained messages, too: they come as the answer to another SUBSCRIBE. */
  private mustRequestAgain(subscription: FilterSubscription, request: SubscriptionRequest): boolean {
    const { isObserved, isShared, request: present, state } = subscription;
    const isLater = isObserved || this.lingering.has(subscription);
    const lacksReplay = !isShared && present.retainHandling === 0 && state !== 'resubscribe';
    return (isLater && lacksReplay) || differentOption(present, request) !== undefined;
  }

  /** It is observed again, or goes at once. */
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
