import type { Unsubscribable } from 'rxjs';
import { safeTimer } from '../rx/safe-timer.js';
import { FilterSubscription } from './filter-subscription.js';
import type { MessageSubscriber } from './message-subscriber.js';
import { PendingUnsubscribes, type UnsubscribeCall } from './pending-unsubscribes.js';
import type { Router } from './router.js';
import { conflict } from './subscribe-errors.js';
import { differentOption, type SubscriptionRequest } from './subscription-request.js';

/** What the application wants: which filters are observed or linger, and which the broker must forget. */
export class DesiredSubscriptions {
  readonly unsubscribes = new PendingUnsubscribes();
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
    if (this.router.index.leaving(filter).length === 0) this.unsubscribes.remove(filter);
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

  /** `unsubscribe()` was called: the filters are no longer wanted, but observed until the answer. */
  unsubscribe(call: UnsubscribeCall): void {
    this.unsubscribes.addCall(call);
    for (const filter of call.filters) {
      const subscription = this.router.index.get(filter);
      if (subscription === undefined) continue;
      this.endLinger(subscription);
      subscription.isLeaving = true;
      if (subscription.isObserved) this.dirty.delete(subscription);
      else this.release(subscription);
    }
  }

  /** Cancels a call; returns false when it was already sent. Its filters are unwanted all the same. */
  cancel(call: UnsubscribeCall): boolean {
    if (!this.unsubscribes.cancel(call)) return false;
    for (const filter of call.filters) {
      for (const subscription of this.router.index.leaving(filter)) {
        if (subscription.mayBeKnown) this.unsubscribes.add(filter);
        else this.complete(subscription);
      }
    }
    return true;
  }

  /** UNSUBSCRIBE was not answered: the broker must be told again, unless the filter is wanted by now. */
  unsubscribeAgain(call: UnsubscribeCall, isRejected: boolean): void {
    if (call.caller?.closed === false && !isRejected) return this.unsubscribes.addCall(call);
    const { index } = this.router;
    for (const filter of call.filters) {
      if (index.get(filter) === undefined || index.leaving(filter).length > 0) this.unsubscribes.add(filter);
    }
  }

  /** Every observed filter is to be requested once more. */
  askAgain(): readonly FilterSubscription[] {
    const observed = this.router.index.all().filter(({ isObserved, isLeaving }) => isObserved && !isLeaving);
    for (const subscription of observed) {
      subscription.askAgain();
      this.dirty.add(subscription);
    }
    return observed;
  }

  /** Removes the subscriptions that are no longer wanted. The broker must forget those that it may have. */
  dropUnwanted(): void {
    for (const subscription of this.dirty) {
      if (subscription.isObserved || this.lingering.has(subscription)) continue;
      this.remove(subscription);
      if (subscription.mayBeKnown) this.unsubscribes.add(subscription.filter);
      subscription.dropped();
    }
  }

  /** Removes a subscription and completes its observers. */
  complete(subscription: FilterSubscription): void {
    for (const observer of this.remove(subscription)) observer.end();
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
