import type { SubscribeError } from '../errors.js';
import { safeError } from '../rx/safe-observer.js';
import type { DesiredSubscriptions } from './desired.js';
import type { FilterSubscription } from './filter-subscription.js';
import type { MessageSubscriber } from './message-subscriber.js';
import type { UnsubscribeCall } from './pending-unsubscribes.js';
import { reconcile, type PlannedSubscribe } from './reconcile.js';
import type { SubscribePort, UnansweredRequests } from './unanswered-requests.js';
import { tooLarge } from './subscribe-errors.js';
import { unsubscribeSize } from './subscribe-limits.js';
import type { FilterIndex } from './filter-index.js';

export interface BrokerSyncOptions {
  /** The most filters in one packet. */
  readonly batchSize: number;
  /** Receives what the version cannot keep of a subscription. Default: that subscription is refused. */
  readonly onUnkept?: ((error: SubscribeError) => void) | undefined;
  /** Finds a filter over which the broker ends its connections. Default: none is looked for. */
  readonly quarantine?: FilterQuarantine | undefined;
}

/** The `Quarantine`, as subscriptions see it. */
export interface FilterQuarantine {
  /** Whether the filter may be sent on this connection now. */
  admitsFilter(subscription: FilterSubscription): boolean;
  filterAnswered(subscription: FilterSubscription): void;
}

/** The registry, as the sync sees it. */
interface Registry {
  /** The broker does not support this subscription. */
  deny(subscription: FilterSubscription, observers: readonly MessageSubscriber[], error: SubscribeError): void;
  /** Work is left for the next tick. */
  runAgain(): void;
}

/** Sends what {@link reconcile} plans. A packet without a free identifier leaves its filters dirty. */
export class BrokerSync {
  /** Counts the runs: a nested run has already done the rest of the outer one's work. */
  private runs = 0;
  private lastIdentifier = 0;

  constructor(
    private readonly index: FilterIndex,
    private readonly desired: DesiredSubscriptions,
    private readonly requests: UnansweredRequests,
    private readonly options: BrokerSyncOptions,
    private readonly registry: Registry,
  ) {}

  /** Brings the broker in step. Answers may arrive, and handlers act on the client, before it returns. */
  run(port: SubscribePort): void {
    const run = ++this.runs;
    const { dirty, unsubscribes } = this.desired;
    const { batchSize, onUnkept, quarantine } = this.options;
    const broker = { ...port.limits, batchSize, isLenient: onUnkept !== undefined };
    const { denied, unkept, unsubscribe, subscribe } = reconcile(
      {
        subscriptions: [...dirty].filter((subscription) => quarantine?.admitsFilter(subscription) !== false),
        unwanted: unsubscribes.filters,
        calls: unsubscribes.calls,
      },
      broker,
      this.lastIdentifier,
    );
    for (const subscription of dirty) if (!subscription.isPending) dirty.delete(subscription);
    for (const { subscription, error } of denied) {
      dirty.delete(subscription);
      this.registry.deny(subscription, subscription.observers, error);
      if (this.runs !== run) return;
    }
    for (const word of unkept) {
      onUnkept?.(word);
      if (this.runs !== run) return;
    }
    for (const call of unsubscribe) if (!this.unsubscribe(port, call) || this.runs !== run) return;
    for (const planned of subscribe) if (!this.subscribe(port, planned) || this.runs !== run) return;
  }

  /** The connection is lost. */
  stop(): void {
    this.runs++;
  }

  /** Returns false when all packet identifiers are in use. */
  private unsubscribe(port: SubscribePort, call: UnsubscribeCall): boolean {
    const { filters, properties, caller } = call;
    const { protocolVersion, maximumPacketSize } = port.limits;
    const size = unsubscribeSize(protocolVersion, filters, properties);
    if (caller !== undefined && size > maximumPacketSize) {
      // The error makes the caller cancel its request.
      safeError(caller, tooLarge(filters[0] ?? '', 'unsubscribe from', size, maximumPacketSize));
      return true;
    }
    const packetId = this.requests.takeId();
    if (packetId === 0) return false;
    this.desired.unsubscribes.sent(call);
    const leaving = filters.flatMap((filter) => this.index.leaving(filter));
    for (const subscription of leaving) subscription.dropped();
    for (const filter of filters) {
      const wanted = this.index.get(filter);
      if (wanted?.mayBeKnown !== true) continue;
      // It was requested before the connection was lost; this UNSUBSCRIBE is sent again after it.
      wanted.dropped();
      this.desired.dirty.add(wanted);
      this.registry.runAgain();
    }
    this.requests.unsubscribe(port, packetId, call, leaving);
    return true;
  }

  /** Returns false when all packet identifiers are in use. */
  private subscribe(port: SubscribePort, { subscriptions, identifier, lastIdentifier }: PlannedSubscribe): boolean {
    const { dirty } = this.desired;
    // An observer may have left while an earlier packet was answered.
    const wanted = subscriptions.filter((subscription) => dirty.has(subscription) && subscription.isPending);
    if (wanted.length === 0) return true;
    const packetId = this.requests.takeId();
    if (packetId === 0) return false;
    this.lastIdentifier = lastIdentifier;
    for (const subscription of wanted) dirty.delete(subscription);
    this.index.identifiersChanged();
    this.requests.subscribe(port, packetId, { subscriptions: wanted, identifier });
    return true;
  }
}
