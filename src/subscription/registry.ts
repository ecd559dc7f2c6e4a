import { asapScheduler, defer, Observable, Subject, type Subscriber } from 'rxjs';
import type { MqttError, SubscribeError } from '../errors.js';
import type { SubackPacket, UnsubackPacket, UnsubscribeProperties } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeEnd, safeResult } from '../rx/safe-observer.js';
import { BrokerSync, type BrokerSyncOptions } from './broker-sync.js';
import { DesiredSubscriptions } from './desired.js';
import type { FilterSubscription, RequestedFilter } from './filter-subscription.js';
import { MessageSubscriber } from './message-subscriber.js';
import type { UnsubscribeCall } from './pending-unsubscribes.js';
import { failAll, UnansweredRequests, type Identifiers, type SubscribePort } from './unanswered-requests.js';
import type { Router } from './router.js';
import { hungUpOn, offline, refused } from './subscribe-errors.js';
import type { SubscriptionInfo } from './subscription-info.js';
import type { SubscriptionRequest } from './subscription-request.js';
import { SubscriptionsView } from './subscriptions-view.js';

export interface RegistryOptions extends BrokerSyncOptions {
  /** Subscribe again when the broker has lost the session. */
  readonly resubscribe: boolean;
  /** Refuse requests while offline, and fail those that the connection did not answer. */
  readonly rejectOffline: boolean;
  /** Emits when a packet identifier may have become free. */
  readonly freed$: Observable<void>;
}

/**
 * The subscriptions that the application wants, with or without a connection. Keeps the broker in step with them:
 * changes are gathered for one tick (`asapScheduler`) and sent together; each new connection is reconciled.
 */
export class SubscriptionRegistry {
  private readonly desired: DesiredSubscriptions;
  private readonly requests: UnansweredRequests;
  private readonly sync: BrokerSync;
  readonly view: SubscriptionsView;
  private port: SubscribePort | undefined;
  /** To be refused once the connection that ended over it is gone. */
  private convicted: { readonly subscription: object; readonly reason: MqttError } | undefined;
  private wasBound = false;
  private isScheduled = false;
  /** Changes are gathered until the end of the tick. */
  isGathering = false;
  private readonly leave = (observer: MessageSubscriber): void => this.desired.leave(observer);
  private readonly joined = new Subject<void>();
  /** Emits when an observer has joined. */
  readonly joined$: Observable<void> = this.joined.asObservable();

  constructor(
    private readonly router: Router,
    ids: Identifiers,
    private readonly options: RegistryOptions,
  ) {
    this.desired = new DesiredSubscriptions(router, () => this.released());
    this.requests = new UnansweredRequests(ids, options.freed$, () => this.flush());
    this.sync = new BrokerSync(router.index, this.desired, this.requests, options, {
      deny: (subscription, observers, error) => this.deny(subscription, observers, error),
      runAgain: () => this.schedule(),
    });
    this.view = new SubscriptionsView(router.index);
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
      this.desired.unsubscribe(call);
      this.schedule();
      return () => {
        if (this.desired.cancel(call)) this.schedule();
      };
    });
  }

  /** Asks for every filter that is observed once more, and emits what the broker says to each. */
  resubscribe(): Observable<ReadonlyMap<string, SubscriptionInfo>> {
    return defer(() => {
      const subscriptions = this.desired.askAgain();
      for (const { filter } of subscriptions) this.view.wanted(filter);
      this.schedule();
      return this.view.answered(subscriptions.map(({ filter }) => filter));
    });
  }

  /**
   * Keeps a connection's subscriptions in step for as long as it is subscribed to. Asks at once for what the broker
   * lacks, before anything else is sent on the connection. Never emits.
   */
  restore(port: SubscribePort, sessionPresent: boolean): Observable<never> {
    return new Observable<never>((subscriber) => {
      subscriber.add(() => this.unbind());
      this.bind(port, sessionPresent);
    });
  }

  /** The subscriptions whose SUBSCRIBE this connection has not answered. */
  get unanswered(): readonly FilterSubscription[] {
    return this.requests.unanswered;
  }

  /** The broker ends its connections over this subscription, as this one, which is about to be lost. */
  convict(subscription: object, reason: MqttError): void {
    this.convicted = { subscription, reason };
  }

  /** SUBACK: ends the observers of refused filters. */
  subscribed(packet: SubackPacket): void {
    this.requests.subscribed(packet).forEach((requested, index) => {
      const { subscription } = requested;
      const reasonCode = packet.reasonCodes[index] ?? 0x80;
      this.options.quarantine?.filterAnswered(subscription);
      if (reasonCode < 0x80) return subscription.granted(reasonCode, requested);
      this.refuse(requested, refused(subscription.filter, reasonCode));
    });
    this.router.generationsChanged();
    this.flush();
  }

  /** UNSUBACK: completes the observers that were there when UNSUBSCRIBE was sent. */
  unsubscribed(packet: UnsubackPacket): void {
    const hasCodes = this.port?.limits.protocolVersion === 5;
    const { call, leaving } = this.requests.unsubscribed(packet, hasCodes);
    for (const subscription of leaving) this.desired.complete(subscription);
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
    const callers = this.desired.unsubscribes.close().map(({ caller }) => caller);
    for (const request of this.requests.drain()) if (request.kind === 'unsubscribe') callers.push(request.call.caller);
    this.requests.close();
    // Remove all of them before notifying the first: its handler could make the others linger.
    const observers = this.router.index.all().flatMap((subscription) => this.desired.remove(subscription));
    for (const observer of observers) observer.end(reason);
    for (const caller of callers) safeEnd(caller, reason);
    this.view.close();
  }

  /** Sends the changes. */
  flush(): void {
    this.isGathering = false;
    this.desired.dropUnwanted();
    const { port } = this;
    if (port !== undefined) this.sync.run(port);
    this.view.changed();
  }

  private bind(port: SubscribePort, sessionPresent: boolean): void {
    this.port = port;
    const subscriptions = this.router.index.all();
    if (!sessionPresent) {
      this.desired.unsubscribes.sessionLost();
      this.router.sessionLost();
      for (const subscription of subscriptions) subscription.sessionLost(this.options.resubscribe);
    } else {
      if (!this.wasBound) this.router.sessionInherited();
      for (const subscription of subscriptions) subscription.sessionResumed();
    }
    this.wasBound = true;
    for (const subscription of subscriptions) {
      // The session is gone: nothing more arrives for filters that were unsubscribed from.
      if (subscription.isLeaving && !sessionPresent) this.desired.complete(subscription);
      else if (!subscription.isKnown && subscription.state !== 'lost') this.desired.dirty.add(subscription);
    }
    this.flush();
  }

  /** The connection is lost. Requests that it did not answer are open again. */
  private unbind(): void {
    this.port = undefined;
    this.sync.stop();
    const { convicted } = this;
    this.convicted = undefined;
    let guilty: RequestedFilter | undefined;
    const unanswered = this.requests.drain();
    for (const request of unanswered) {
      if (request.kind === 'unsubscribe') {
        this.desired.unsubscribeAgain(request.call, this.options.rejectOffline);
        continue;
      }
      for (const requested of request.requested) {
        requested.subscription.notAnswered(requested);
        if (requested.subscription === convicted?.subscription) guilty = requested;
      }
    }
    for (const subscription of this.router.index.all()) subscription.connectionLost();
    // The broker hangs up on the filter: to its observers, that is a refusal.
    if (guilty !== undefined && convicted !== undefined) {
      this.refuse(guilty, hungUpOn(guilty.subscription.filter, convicted.reason));
    }
    if (this.options.rejectOffline) failAll(unanswered, offline);
    this.view.changed();
  }

  private schedule(): void {
    this.isGathering = true;
    if (this.isScheduled) return;
    this.isScheduled = true;
    asapScheduler.schedule(() => {
      this.isScheduled = false;
      if (this.isGathering) this.flush();
    });
  }

  /** There is nothing to gather while offline: the next CONNACK reconciles everything. */
  private released(): void {
    if (this.port === undefined) this.desired.dropUnwanted();
    else this.schedule();
  }

  private refuse(requested: RequestedFilter, error: SubscribeError): void {
    const { subscription, observers } = requested;
    subscription.denied(requested);
    // The filter may no longer be wanted; then a refusal does not matter.
    if (this.router.index.get(subscription.filter) === subscription) this.deny(subscription, observers, error);
  }

  private deny(subscription: FilterSubscription, observers: readonly MessageSubscriber[], error: SubscribeError): void {
    this.view.denied(subscription.filter, { status: 'denied', reasonCode: error.reasonCode });
    for (const observer of observers) observer.end(error);
  }
}
