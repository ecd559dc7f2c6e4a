import { asapScheduler, defer, Observable, Subject, type Subscriber } from 'rxjs';
import type { MqttError, SubscribeError } from '../errors.js';
import type { SubackPacket, UnsubackPacket, UnsubscribeProperties } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeEnd, safeError, safeResult } from '../rx/safe-observer.js';
import type { PacketIds } from '../session/packet-ids.js';
import type { Quarantine } from '../session/quarantine.js';
import { DesiredSubscriptions } from './desired.js';
import type { FilterSubscription, RequestedFilter } from './filter-subscription.js';
import { reconcile, type PlannedSubscribe, type UnsubscribeCall } from './reconcile.js';
import { Requests, type RequestsOptions, type SubscribePort } from './requests.js';
import type { Router } from './router.js';
import { hungUpOn, offline, refused } from './subscribe-errors.js';
import type { SubscriptionInfo } from './subscription-info.js';
import type { SubscriptionRequest } from './subscription-request.js';
import type { SubscriptionsView } from './subscriptions-view.js';

export interface RegistryOptions extends RequestsOptions {
  /** Subscribe again when the broker has lost the session. */
  readonly resubscribe: boolean;
  /** Refuse requests while offline, and fail those that the connection did not answer. */
  readonly rejectOffline: boolean;
  /** Receives an option that the protocol version lacks. Default: its subscription is refused. */
  readonly onLostOption?: ((error: SubscribeError) => void) | undefined;
  /** Finds a filter over which the broker ends its connections. Default: none is looked for. */
  readonly quarantine?: Pick<Quarantine, 'admitsFilter' | 'filterAnswered'> | undefined;
}

/**
 * Keeps the broker in step with the subscriptions that the application wants, with or without a connection: changes are
 * gathered for one tick (`asapScheduler`) and sent together; each new connection is reconciled.
 */
export class SubscriptionRegistry {
  private readonly desired: DesiredSubscriptions;
  private readonly requests: Requests;
  readonly view: SubscriptionsView;
  private port: SubscribePort | undefined;
  /** To be refused once the connection that ended over it is gone. */
  private convicted: { readonly subscription: object; readonly reason: MqttError } | undefined;
  private lastIdentifier = 0;
  /** Changes are gathered until the end of the tick. */
  isGathering = false;
  /** Counts the runs: a nested run has already done the rest of the outer one's work. */
  private runs = 0;
  /** Emits when an observer has joined. */
  readonly joined = new Subject<void>();

  constructor(
    private readonly router: Router,
    ids: PacketIds,
    private readonly options: RegistryOptions,
  ) {
    // There is nothing to gather while offline: the next CONNACK reconciles everything.
    const onChange = (): void => (this.port === undefined ? this.desired.dropUnwanted() : this.schedule());
    this.desired = new DesiredSubscriptions(router, onChange);
    this.requests = new Requests(ids, options, () => this.flush());
    this.view = this.desired.view;
  }

  /** @throws SubscribeError when another observer uses different options, or when offline requests are refused. */
  attach(subscriber: Subscriber<PublishPacket>, filters: readonly string[], request: SubscriptionRequest): void {
    if (this.port === undefined && this.options.rejectOffline) throw offline('subscribe', filters[0]);
    this.desired.check(filters, request);
    for (const filter of filters) this.desired.join(subscriber, filter, request);
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
      const filters = this.desired.resubscribe();
      this.schedule();
      return this.view.granted(filters, true);
    });
  }

  /** Keeps the broker of a connection in step while subscribed: asks at once for what it lacks. Never emits. */
  restore(port: SubscribePort, sessionPresent: boolean): Observable<never> {
    return new Observable<never>((subscriber) => {
      subscriber.add(() => this.connectionLost());
      this.port = port;
      this.desired.connected(sessionPresent, this.options.resubscribe);
      this.flush();
    });
  }

  /** The subscriptions whose SUBSCRIBE this connection has not answered. */
  get unanswered(): readonly FilterSubscription[] {
    return this.requests.unanswered.map(({ subscription }) => subscription);
  }

  /** The broker ends this connection, which is about to be lost, because its quota is exceeded. */
  overQuota(): void {
    this.requests.halveBatches();
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
    const { call, leaving } = this.requests.unsubscribed(packet);
    for (const subscription of leaving) this.desired.complete(subscription);
    // 3.1.1 has no codes.
    safeResult(
      call.caller,
      call.filters.map((_, index) => packet.reasonCodes[index] ?? 0),
    );
    this.flush();
  }

  /** Ends every observer: with an error, or by completing. */
  close(reason: MqttError | undefined): void {
    this.port = undefined;
    this.runs++;
    // Remove all of them before notifying the first: its handler could make the others linger.
    const { observers, calls } = this.desired.close();
    const unanswered = this.requests.close();
    for (const observer of observers) observer.end(reason);
    for (const { caller } of [...calls, ...unanswered.calls]) safeEnd(caller, reason);
    this.view.close();
  }

  flush(): void {
    this.isGathering = false;
    this.desired.dropUnwanted();
    if (this.port !== undefined) this.reconcile(this.port);
    this.view.changed();
  }

  /** Sends what is planned. Answers may arrive, and handlers act on the client, meanwhile. */
  private reconcile(port: SubscribePort): void {
    const run = ++this.runs;
    const { desired } = this;
    const { onLostOption, quarantine } = this.options;
    const { batchSize } = this.requests;
    const changes = desired.changes((subscription) => quarantine?.admitsFilter(subscription) !== false);
    const broker = { ...port.limits, batchSize, isLenient: onLostOption !== undefined };
    const plan = reconcile(changes, broker, this.lastIdentifier);
    for (const subscription of desired.dirty) if (!subscription.isPending) desired.dirty.delete(subscription);
    for (const { subscription, error } of plan.denied) {
      desired.dirty.delete(subscription);
      desired.deny(subscription, subscription.observers, error);
      if (this.runs !== run) return;
    }
    for (const error of plan.lostOptions) {
      onLostOption?.(error);
      if (this.runs !== run) return;
    }
    for (const { call, error } of plan.refused) {
      // That makes the caller cancel its request.
      safeError(call.caller, error);
      if (this.runs !== run) return;
    }
    for (const call of plan.unsubscribe) if (!this.sendUnsubscribe(port, call) || this.runs !== run) return;
    for (const planned of plan.subscribe) if (!this.sendSubscribe(port, planned) || this.runs !== run) return;
  }

  /** Returns false when all packet identifiers are in use: what is left is planned again once one is free. */
  private sendUnsubscribe(port: SubscribePort, call: UnsubscribeCall): boolean {
    const packetId = this.requests.takeId();
    if (packetId !== 0) this.requests.unsubscribe(port, packetId, call, this.desired.sent(call));
    return packetId !== 0;
  }

  private sendSubscribe(port: SubscribePort, { subscriptions, identifier, lastIdentifier }: PlannedSubscribe): boolean {
    const { dirty } = this.desired;
    // An observer may have left while an earlier packet was answered.
    const wanted = subscriptions.filter((subscription) => dirty.has(subscription) && subscription.isPending);
    if (wanted.length === 0) return true;
    const packetId = this.requests.takeId();
    if (packetId === 0) return false;
    this.lastIdentifier = lastIdentifier;
    for (const subscription of wanted) dirty.delete(subscription);
    this.router.index.identifiersChanged();
    this.requests.subscribe(port, packetId, wanted, identifier);
    return true;
  }

  /** Requests that the connection did not answer are open again. */
  private connectionLost(): void {
    this.port = undefined;
    this.runs++;
    const { desired, convicted } = this;
    const { rejectOffline } = this.options;
    this.convicted = undefined;
    const { requested, calls } = this.requests.drain();
    for (const filter of requested) filter.subscription.notAnswered(filter);
    for (const call of calls) desired.unsubscribeAgain(call, rejectOffline);
    desired.connectionLost();
    // The broker hangs up on the filter: to its observers, that is a refusal.
    const guilty = requested.find(({ subscription }) => subscription === convicted?.subscription);
    if (guilty !== undefined && convicted !== undefined) {
      this.refuse(guilty, hungUpOn(guilty.subscription.filter, convicted.reason));
    }
    if (rejectOffline) {
      const observers = requested.flatMap((filter) => filter.observers);
      for (const observer of observers) observer.end(offline('subscribe', observer.subscription.filter));
      for (const { caller, filters } of calls) safeError(caller, offline('unsubscribe', filters[0]));
    }
    this.view.changed();
  }

  private schedule(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    asapScheduler.schedule(() => {
      if (this.isGathering) this.flush();
    });
  }

  private refuse(requested: RequestedFilter, error: SubscribeError): void {
    const { subscription, observers } = requested;
    subscription.denied(requested);
    // The filter may no longer be wanted; then a refusal does not matter.
    if (this.router.index.get(subscription.filter) === subscription) this.desired.deny(subscription, observers, error);
  }
}
