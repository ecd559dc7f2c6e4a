import type { Subscriber, Unsubscribable } from 'rxjs';
import type { SubscribeError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeTimer } from '../rx/safe-timer.js';
import { FilterSubscription, MessageSubscriber } from './filter-subscription.js';
import type { Changes, UnsubscribeCall } from './reconcile.js';
import type { Router } from './router.js';
import { conflict } from './subscribe-errors.js';
import type { SubscriptionRequest } from './subscription-request.js';
import { SubscriptionsView } from './subscriptions-view.js';

/** What the observers of one filter must share: the broker has one set of these options. */
const SHARED_OPTIONS = ['noLocal', 'retainAsPublished', 'retainHandling'] as const;

/** What the application wants: which filters are observed or linger, and which the broker must forget. */
export class DesiredSubscriptions {
  readonly view: SubscriptionsView;
  /** Subscriptions that may differ from what the broker has. */
  readonly dirty = new Set<FilterSubscription>();
  /** The calls of `unsubscribe()` that were not sent. */
  private readonly calls = new Set<UnsubscribeCall>();
  /** Filters that the broker's session may hold, and that lost their last observer. */
  private readonly unwanted = new Set<string>();
  /** Subscriptions that are kept for a while without observers. */
  private readonly lingering = new Map<FilterSubscription, Unsubscribable>();
  private created = 0;
  private readonly leave = (observer: MessageSubscriber): void => {
    const { subscription } = observer;
    if (!subscription.observers.includes(observer)) return;
    subscription.remove(observer);
    this.router.changed(subscription);
    if (subscription.isObserved) return;
    const { linger } = observer.request;
    if (linger === 0 || subscription.isLeaving) return this.release(subscription);
    const timer = safeTimer(linger).subscribe(() => this.release(subscription));
    this.lingering.set(subscription, timer);
  };

  constructor(
    private readonly router: Router,
    /** The broker must be told something, and nothing else causes that. */
    private readonly onChange: () => void,
  ) {
    this.view = new SubscriptionsView(router.index);
  }

  /** @throws SubscribeError when another observer uses one of the filters with different options. */
  check(filters: readonly string[], request: SubscriptionRequest): void {
    for (const filter of filters) {
      const present = this.router.index.get(filter);
      if (present?.isObserved !== true) continue;
      const option = differentOption(present.request, request);
      if (option !== undefined) throw conflict(filter, option, present.request[option]);
    }
  }

  /** Lets a subscriber observe a filter until it unsubscribes. */
  join(subscriber: Subscriber<PublishPacket>, filter: string, request: SubscriptionRequest): void {
    const subscription = this.router.index.get(filter) ?? this.create(filter, request);
    const observer = new MessageSubscriber(subscription, subscriber, request, this.leave);
    if (subscription.isKnown && this.mustRequestAgain(subscription, request)) subscription.requestAgain();
    this.endLinger(subscription);
    subscription.add(observer);
    this.router.changed(subscription);
    this.dirty.add(subscription);
    if (this.router.index.leaving(filter).length === 0) this.unwanted.delete(filter);
    subscriber.add(observer);
    this.view.wanted(filter);
  }

  /** `unsubscribe()` was called: the filters are no longer wanted, but observed until the answer. */
  unsubscribe(call: UnsubscribeCall): void {
    this.calls.add(call);
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
    if (!this.calls.delete(call)) return false;
    for (const filter of call.filters) {
      for (const subscription of this.router.index.leaving(filter)) {
        if (subscription.mayBeKnown) this.unwanted.add(filter);
        else this.complete(subscription);
      }
    }
    return true;
  }

  /** What may differ from the broker's state. */
  changes(admits: (subscription: FilterSubscription) => boolean): Changes {
    const calls = [...this.calls];
    const called = new Set(calls.flatMap(({ filters }) => filters));
    const unwanted = [...this.unwanted].filter((filter) => !called.has(filter));
    return { subscriptions: [...this.dirty].filter(admits), unwanted, calls };
  }

  /** UNSUBSCRIBE is about to be sent. Returns the subscriptions whose observers complete with its answer. */
  sent(call: UnsubscribeCall): FilterSubscription[] {
    const { index } = this.router;
    this.calls.delete(call);
    for (const filter of call.filters) {
      this.unwanted.delete(filter);
      const wanted = index.get(filter);
      if (wanted?.mayBeKnown !== true) continue;
      // It was requested before the connection was lost; this UNSUBSCRIBE is sent again after it.
      wanted.dropped();
      this.dirty.add(wanted);
      this.onChange();
    }
    const leaving = call.filters.flatMap((filter) => index.leaving(filter));
    for (const subscription of leaving) subscription.dropped();
    return leaving;
  }

  /** UNSUBSCRIBE was not answered: the broker must be told again, unless the filter is wanted by now. */
  unsubscribeAgain(call: UnsubscribeCall, isRejected: boolean): void {
    if (call.caller?.closed === false && !isRejected) return void this.calls.add(call);
    const { index } = this.router;
    for (const filter of call.filters) {
      if (index.get(filter) === undefined || index.leaving(filter).length > 0) this.unwanted.add(filter);
    }
  }

  /** Every observed filter is to be requested once more. */
  resubscribe(): readonly string[] {
    const observed = this.router.index.all().filter(({ isObserved, isLeaving }) => isObserved && !isLeaving);
    for (const subscription of observed) {
      subscription.resubscribe();
      this.dirty.add(subscription);
      this.view.wanted(subscription.filter);
    }
    return observed.map(({ filter }) => filter);
  }

  /** A connection begins. Whatever the broker's session does not have is to be requested. */
  connected(sessionPresent: boolean, resubscribe: boolean): void {
    const subscriptions = this.router.index.all();
    if (!sessionPresent) this.unwanted.clear();
    this.router.connected(sessionPresent);
    for (const subscription of subscriptions) {
      if (sessionPresent) subscription.sessionResumed();
      else subscription.sessionLost(resubscribe);
    }
    for (const subscription of subscriptions) {
      // The session is gone: nothing more arrives for filters that were unsubscribed from.
      if (subscription.isLeaving && !sessionPresent) this.complete(subscription);
      else if (!subscription.isKnown && subscription.state !== 'lost') this.dirty.add(subscription);
    }
  }

  connectionLost(): void {
    for (const subscription of this.router.index.all()) subscription.connectionLost();
  }

  /** Removes the subscriptions that are no longer wanted. The broker must forget those that it may have. */
  dropUnwanted(): void {
    for (const subscription of this.dirty) {
      if (subscription.isObserved || this.lingering.has(subscription)) continue;
      this.remove(subscription);
      if (subscription.mayBeKnown) this.unwanted.add(subscription.filter);
      subscription.dropped();
    }
  }

  /** The broker does not take this subscription. */
  deny({ filter }: FilterSubscription, observers: readonly MessageSubscriber[], error: SubscribeError): void {
    this.view.denied(filter, error.reasonCode);
    for (const observer of observers) observer.end(error);
  }

  /** Removes a subscription and completes its observers. */
  complete(subscription: FilterSubscription): void {
    for (const observer of this.remove(subscription)) observer.end();
  }

  /** Nothing more is wanted: returns the observers, and the callers of what was not sent. */
  close(): { readonly observers: readonly MessageSubscriber[]; readonly calls: readonly UnsubscribeCall[] } {
    const calls = [...this.calls];
    this.calls.clear();
    return { observers: this.router.index.all().flatMap((subscription) => this.remove(subscription)), calls };
  }

  private remove(subscription: FilterSubscription): readonly MessageSubscriber[] {
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
    this.onChange();
  }
}

/** The first option that the observers of one filter must share and these requests do not. */
function differentOption(a: SubscriptionRequest, b: SubscriptionRequest): keyof SubscriptionRequest | undefined {
  return SHARED_OPTIONS.find((option) => a[option] !== b[option]);
}
