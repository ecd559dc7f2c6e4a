import { asapScheduler, defer, Observable, Subject, type Subscriber } from 'rxjs';
import type { MqttError, SubscribeError } from '../errors.js';
import type { SubackPacket, UnsubackPacket, UnsubscribeProperties } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeEnd, safeResult } from '../rx/safe-observer.js';
import { BrokerSync } from './broker-sync.js';
import { DesiredSubscriptions } from './desired.js';
import type { FilterSubscription, RequestedFilter } from './filter-subscription.js';
import { answered, granted } from './granted.js';
import { MessageSubscriber } from './message-subscriber.js';
import { PendingUnsubscribes, type UnsubscribeCall } from './pending-unsubscribes.js';
import { failAll, SubscriptionRequests, type Identifiers, type SubscribePort } from './requests.js';
import type { Router } from './router.js';
import { hungUpOn, offline, refused } from './subscribe-errors.js';
import type { SubscriptionInfo } from './subscription-info.js';
import type { SubscriptionRequest } from './subscription-request.js';
import { SubscriptionsView } from './subscriptions-view.js';

export interface RegistryOptions {
  /** The most filters in one packet. */
  readonly batchSize: number;
  /** Subscribe again when the broker has lost the session. */
  readonly resubscribe: boolean;
  /** Refuse requests while offline, and fail those that the connection did not answer. */
  readonly rejectOffline: boolean;
  /** Tells what the version cannot keep of a subscription. Default: that subscription is refused. */
  readonly onUnkept?: ((error: SubscribeError) => void) | undefined;
  /** Emits when a packet identifier may have become free. */
  readonly freed$: Observable<void>;
  /** Finds a filter over which the broker ends its connections. Default: that is not looked for. */
  readonly quarantine?: FilterQuarantine | undefined;
}

/** What the registry asks and tells the `Quarantine`. */
export interface FilterQuarantine {
  /** Whether the filter may be sent on this connection now. */
  admitsFilter(subscription: FilterSubscription): boolean;
  filterAnswered(subscription: FilterSubscription): void;
}

/**
 * The subscriptions that the application wants, with or without a connection. Keeps the broker in step with them:
 * changes are gathered for one tick (`asapScheduler`) and sent together; each new connection is reconciled.
 */
export class SubscriptionRegistry {
  private readonly desired: DesiredSubscriptions;
  private readonly unsubscribes = new PendingUnsubscribes();
  private readonly requests: SubscriptionRequests;
  private readonly sync: BrokerSync;
  private readonly view: SubscriptionsView;
  private port: SubscribePort | undefined;
  /** To be refused once the connection that ended over it is gone. */
  private convicted: { readonly subscription: object; readonly reason: MqttError } | undefined;
  private wasBound = false;
  private isScheduled = false;
  private gathering = false;
  private readonly leave = (observer: MessageSubscriber): void => this.desired.leave(observer);
  private readonly joined = new Subject<void>();
  /** Emits when an observer has joined. */
  readonly joined$: Observable<void> = this.joined.asObservable();
  readonly subscriptions$: Observable<ReadonlyMap<string, SubscriptionInfo>>;

  constructor(
    private readonly router: Router,
    ids: Identifiers,
    private readonly options: RegistryOptions,
  ) {
    this.desired = new DesiredSubscriptions(router, () => this.released());
    this.requests = new SubscriptionRequests(ids, options.freed$, () => this.flush());
    this.sync = new BrokerSync(router.index, this.desired, this.unsubscribes, this.requests, {
      batchSize: options.batchSize,
      onUnkept: options.onUnkept,
      deny: (subscription, observers, error) => this.deny(subscription, observers, error),
      admits: (subscription) => options.quarantine?.admitsFilter(subscription) !== false,
      runAgain: () => this.schedule(),
    });
    this.view = new SubscriptionsView(router.index);
    this.subscriptions$ = this.view.subscriptions$;
  }

  /**
   * Lets a subscriber observe filters until it unsubscribes.
   * @throws SubscribeError when another observer uses different options, or when offline requests are refused.
   */
  attach(subscriber: Subscriber<PublishPacket>, filters: readonly string[], request: SubscriptionRequest): void {
    if (this.port === undefined && this.options.rejectOffline) throw offline('subscribe', filters[0]);
    this.desired.check(filters, request);
    for (const filter of filters) {
      const observer = new MessageSubscriber(filter, subscriber, request, this.leave);
      this.desired.join(observer);
      subscriber.add(observer);
      this.view.wanted(filter);
      if (this.router.index.leaving(filter).length === 0) this.unsubscribes.remove(filter);
    }
    this.schedule();
    this.joined.next();
  }

  /** Makes the broker forget filters, whether or not this process subscribed to them. */
  unsubscribe(
    filters: readonly string[],
    properties: UnsubscribeProperties | undefined,
  ): Observable<readonly number[]> {
    return new Observable<readonly number[]>((caller) => {
      const call: UnsubscribeCall = { filters, properties, caller };
      this.unsubscribes.addCall(call);
      for (const filter of filters) {
        const subscription = this.router.index.get(filter);
        if (subscription !== undefined) this.desired.dismiss(subscription);
      }
      this.schedule();
      return () => {
        if (!this.unsubscribes.cancel(call)) return;
        for (const filter of filters) this.leaveWithoutCall(filter);
        this.schedule();
      };
    });
  }

  /** What the broker granted for filters that are subscribed to; see `granted()` of the client. */
  granted(filters: readonly string[]): Observable<ReadonlyMap<string, SubscriptionInfo>> {
    return granted(this.view, filters);
  }

  /** Asks for every filter that is observed once more, and emits what the broker says to each. */
  resubscribe(): Observable<ReadonlyMap<string, SubscriptionInfo>> {
    return defer(() => {
      const subscriptions = this.router.index.all().filter(({ isObserved, isLeaving }) => isObserved && !isLeaving);
      for (const subscription of subscriptions) {
        this.view.wanted(subscription.filter);
        subscription.askAgain();
        this.desired.dirty.add(subscription);
      }
      this.schedule();
      return answered(
        this.view,
        subscriptions.map(({ filter }) => filter),
      );
    });
  }

  /** Binds to a connection, and asks for what it lacks before anything else is sent on it. */
  bind(port: SubscribePort, sessionPresent: boolean): void {
    this.port = port;
    const subscriptions = this.router.index.all();
    if (!sessionPresent) {
      this.unsubscribes.sessionLost();
      this.router.sessionLost();
      for (const subscription of subscriptions) subscription.sessionLost(this.options.resubscribe);
    } else {
      if (!this.wasBound) this.router.sessionInherited();
      for (const subscription of subscriptions) subscription.sessionResumed();
    }
    this.wasBound = true;
    for (const subscription of subscriptions) {
      // The session is gone: nothing more arrives for filters that were unsubscribed from.
      if (subscription.isLeaving && !sessionPresent) this.complete(subscription);
      else if (!subscription.isKnown && subscription.state !== 'lost') this.desired.dirty.add(subscription);
    }
    this.flush();
  }

  /** The subscriptions whose SUBSCRIBE this connection has not answered. */
  get unanswered(): readonly FilterSubscription[] {
    return this.requests.unanswered;
  }

  /** The broker ends its connections over this subscription, as this one, which is about to be lost. */
  convict(subscription: object, reason: MqttError): void {
    this.convicted = { subscription, reason };
  }

  /** The connection is lost. Requests that it did not answer are open again. */
  unbind(): void {
    this.port = undefined;
    this.sync.stop();
    const { index } = this.router;
    const { convicted } = this;
    this.convicted = undefined;
    let refusedFilter: RequestedFilter | undefined;
    const unanswered = this.requests.drain();
    for (const request of unanswered) {
      if (request.kind === 'subscribe') {
        for (const filter of request.requested) {
          filter.subscription.notAnswered(filter);
          if (filter.subscription === convicted?.subscription) refusedFilter = filter;
        }
      } else if (request.call.caller?.closed === false && !this.options.rejectOffline) {
        this.unsubscribes.addCall(request.call);
      } else {
        for (const filter of request.call.filters) {
          if (index.get(filter) === undefined || index.leaving(filter).length > 0) this.unsubscribes.add(filter);
        }
      }
    }
    for (const subscription of index.all()) subscription.connectionLost();
    if (refusedFilter !== undefined && convicted !== undefined) this.refuse(refusedFilter, convicted.reason);
    if (this.options.rejectOffline) failAll(unanswered, offline);
    this.view.changed();
  }

  /** SUBACK: ends the observers of refused filters. */
  subscribed(packet: SubackPacket): void {
    this.requests.subscribed(packet).forEach((requested, index) => {
      const { subscription, observers } = requested;
      const reasonCode = packet.reasonCodes[index] ?? 0x80;
      this.options.quarantine?.filterAnswered(subscription);
      if (reasonCode < 0x80) return subscription.granted(reasonCode, requested);
      subscription.denied(requested);
      // The filter may no longer be wanted; then a refusal does not matter.
      if (this.router.index.get(subscription.filter) !== subscription) return;
      this.deny(subscription, observers, refused(subscription.filter, reasonCode));
    });
    this.router.generationsChanged();
    this.flush();
  }

  /** UNSUBACK: completes the observers that were there when UNSUBSCRIBE was sent. */
  unsubscribed(packet: UnsubackPacket): void {
    const hasCodes = this.port?.limits.protocolVersion === 5;
    const { call, leaving } = this.requests.unsubscribed(packet, hasCodes);
    for (const subscription of leaving) this.complete(subscription);
    safeResult(call.caller, hasCodes ? packet.reasonCodes : call.filters.map(() => 0));
    this.flush();
  }

  /** Fails every request that is `timeout` ms old; returns the ms until the next one is due. */
  failTimedOut(now: number, timeout: number): number {
    return this.requests.failTimedOut(now, timeout);
  }

  /** Ends every observer: with an error, or by completing. */
  close(reason: MqttError | undefined): void {
    this.port = undefined;
    this.sync.stop();
    const callers = this.unsubscribes.close().map(({ caller }) => caller);
    for (const request of this.requests.drain()) if (request.kind === 'unsubscribe') callers.push(request.call.caller);
    this.requests.close();
    // Remove all of them before notifying the first: its handler could make the others linger.
    const observers = this.router.index.all().flatMap((subscription) => this.desired.remove(subscription));
    for (const observer of observers) observer.end(reason);
    for (const caller of callers) safeEnd(caller, reason);
    this.view.close();
  }

  /** Gathers changes until the end of the tick. */
  get isGathering(): boolean {
    return this.gathering;
  }

  /** Sends the changes. */
  flush(): void {
    this.gathering = false;
    this.dropUnwanted();
    const { port } = this;
    if (port !== undefined) this.sync.run(port);
    this.view.changed();
  }

  private schedule(): void {
    this.gathering = true;
    if (this.isScheduled) return;
    this.isScheduled = true;
    asapScheduler.schedule(() => {
      this.isScheduled = false;
      if (this.gathering) this.flush();
    });
  }

  /** There is nothing to gather while offline: the next CONNACK reconciles everything. */
  private released(): void {
    if (this.port === undefined) this.dropUnwanted();
    else this.schedule();
  }

  private dropUnwanted(): void {
    for (const subscription of this.desired.takeUnwanted()) {
      if (subscription.mayBeKnown) this.unsubscribes.add(subscription.filter);
      subscription.dropped();
    }
  }

  private deny(subscription: FilterSubscription, observers: readonly MessageSubscriber[], error: SubscribeError): void {
    this.view.denied(subscription.filter, { status: 'denied', reasonCode: error.reasonCode });
    for (const observer of observers) observer.end(error);
  }

  /** The broker hangs up on the filter: to its observers, that is a refusal. */
  private refuse(requested: RequestedFilter, reason: MqttError): void {
    const { subscription, observers } = requested;
    subscription.denied(requested);
    if (this.router.index.get(subscription.filter) !== subscription) return;
    this.deny(subscription, observers, hungUpOn(subscription.filter, reason));
  }

  /** `unsubscribe()` was canceled before it was sent. Its filters are unwanted all the same. */
  private leaveWithoutCall(filter: string): void {
    for (const subscription of this.router.index.leaving(filter)) {
      if (subscription.mayBeKnown) this.unsubscribes.add(filter);
      else this.complete(subscription);
    }
  }

  private complete(subscription: FilterSubscription): void {
    for (const observer of this.desired.remove(subscription)) observer.end();
  }
}
