import type { Subscriber, Unsubscribable } from 'rxjs';
import type { QoS } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { safeEnd } from '../rx/safe-observer.js';
import { matchingStart, topicStart } from '../topic/topic-filter.js';
import { Replays } from './replays.js';
import { grantedWith, PENDING, type SubscriptionInfo } from './subscription-info.js';
import type { SubscriptionRequest } from './subscription-request.js';

/** What the broker's session knows of the subscription. */
export type SubscriptionState =
  /** Never requested. */
  | 'none'
  /** Requested in this session, and not unsubscribed since. */
  | 'subscribed'
  /** As `subscribed`, but a new observer needs the retained messages: it must be requested again. */
  | 'resubscribe'
  /** The connection was lost before SUBACK: the broker may have it or not. */
  | 'unconfirmed'
  /** The broker lost it with the session. It is requested again when an observer joins. */
  | 'lost';

/** One filter of a SUBSCRIBE, and the observers that wait for its answer. */
export interface RequestedFilter {
  readonly subscription: FilterSubscription;
  readonly observers: readonly MessageSubscriber[];
  readonly qos: QoS;
  /** The generation of the replays when SUBSCRIBE was sent. */
  readonly generation: number;
  /** The answer may bring retained messages. */
  readonly mayReplay: boolean;
}

/** How many identifiers a subscription keeps: messages with an earlier one may still arrive. */
const REMEMBERED_IDENTIFIERS = 256;

/** The identifier of a SUBSCRIBE without one. */
const NOT_IDENTIFIED = -1;

const NONE: readonly never[] = [];

/** One observer of one filter. Its identity is not the RxJS subscriber's, which may observe several filters. */
export class MessageSubscriber implements Unsubscribable {
  /** The generation of the replays when it joined. */
  joined = 0;
  /** The subscription identifier of the SUBSCRIBE that it caused or met; 0 before that was sent. */
  identifier = 0;

  constructor(
    readonly subscription: FilterSubscription,
    readonly subscriber: Subscriber<PublishPacket>,
    readonly request: SubscriptionRequest,
    private readonly leave: (observer: MessageSubscriber) => void,
  ) {}

  /** The teardown of the RxJS subscriber: a closure for each would take 100 bytes more. */
  unsubscribe(): void {
    this.leave(this);
  }

  /** Whether it has received the topic since it joined. A replay is then meant for others. */
  hasSeen(topic: string): boolean {
    return this.subscription.replays.lastSeen(topic) >= this.joined;
  }

  /** Errors or completes the RxJS subscriber. */
  end(error?: object): void {
    safeEnd(this.subscriber, error);
  }
}

/** One topic filter: its observers, and what the broker knows of it. Each change is a method. */
export class FilterSubscription {
  /** Copied on each change, so that loops over the old list are undisturbed. */
  observers: readonly MessageSubscriber[] = NONE;
  state: SubscriptionState = 'none';
  info: SubscriptionInfo = PENDING;
  /** The subscription identifiers that the broker may send; empty when they are not in use. */
  identifiers: readonly number[] = NONE;
  /** `unsubscribe()` was called. Observers still receive messages until the answer, then complete. */
  isLeaving = false;
  /** It shares a topic with others, so that the broker may send a copy for each. */
  isOverlapping = false;
  /** The packet identifier of the last SUBSCRIBE. */
  packetId = 0;
  /** The QoS of the last SUBSCRIBE. */
  requestedQos: QoS = 0;
  /** The last grant, and the QoS that was requested with it. */
  private grant: { readonly info: SubscriptionInfo; readonly qos: QoS } | undefined = undefined;
  replays = new Replays();
  /** The filter to match topics with: for `$share/group/filter` and its like, only `filter`. */
  readonly matched: string;

  constructor(
    readonly filter: string,
    /** Sets the options; later observers must request the same. */
    public request: SubscriptionRequest,
    /** Order of creation. */
    readonly order: number,
  ) {
    this.matched = filter.slice(topicStart(filter));
  }

  get isShared(): boolean {
    return matchingStart(this.filter) > 0;
  }

  get isObserved(): boolean {
    return this.observers.length > 0;
  }

  /** The broker has it. */
  get isKnown(): boolean {
    return this.state === 'subscribed' || this.state === 'resubscribe';
  }

  /** The broker may have it, and must be told when the filter is no longer wanted. */
  get mayBeKnown(): boolean {
    return this.isKnown || this.state === 'unconfirmed';
  }

  /** The broker does not have it as the application wants it. */
  get isPending(): boolean {
    return this.isObserved && !this.isLeaving && (this.state !== 'subscribed' || this.qos > this.requestedQos);
  }

  /** The identifiers are ours to choose: each SUBSCRIBE has its own, which tells their replays apart. */
  get ownsIdentifiers(): boolean {
    return this.identifiers.length > 0 && this.request.properties?.subscriptionIdentifier === undefined;
  }

  /** The highest QoS that an observer requested. */
  get qos(): QoS {
    return this.observers.reduce<QoS>((highest, { request }) => Math.max(highest, request.qos) as QoS, 0);
  }

  add(observer: MessageSubscriber): void {
    if (!this.isObserved) this.request = observer.request;
    observer.joined = this.replays.generation;
    this.observers = [...this.observers, observer];
  }

  remove(observer: MessageSubscriber): void {
    this.observers = this.observers.filter((other) => other !== observer);
  }

  /** Removes all observers and returns them. */
  removeAll(): readonly MessageSubscriber[] {
    const { observers } = this;
    this.observers = NONE;
    return observers;
  }

  /** An observer is about to join that needs another SUBSCRIBE. */
  requestAgain(): void {
    this.state = 'resubscribe';
    this.replays.generation++;
  }

  /** The application asks for it once more. Its observers see no replay. */
  resubscribe(): void {
    if (!this.isKnown && this.state !== 'lost') return;
    if (this.state === 'lost') for (const observer of this.observers) observer.identifier = NOT_IDENTIFIED;
    this.requestAgain();
    this.info = PENDING;
  }

  /**
   * A SUBSCRIBE is about to be sent.
   * @param obeysRetainHandling - the broker knows the option.
   */
  requested(packetId: number, identifier: number | undefined, obeysRetainHandling: boolean): RequestedFilter {
    const { isKnown, qos, replays } = this;
    const observers = isKnown ? this.observers.filter((observer) => observer.identifier === 0) : this.observers;
    this.state = 'subscribed';
    this.info = PENDING;
    this.packetId = packetId;
    this.requestedQos = qos;
    if (identifier !== undefined) this.identifiedBy([identifier]);
    for (const observer of observers) observer.identifier = identifier ?? NOT_IDENTIFIED;
    const mayReplay = !this.isShared && !(obeysRetainHandling && this.request.retainHandling === 2);
    if (mayReplay) replays.requested(this.ownsIdentifiers);
    return { subscription: this, observers, qos, generation: replays.generation, mayReplay };
  }

  /** From now on the broker may also send matching messages with these identifiers. */
  identifiedBy(identifiers: readonly number[]): void {
    const added = identifiers.filter((identifier) => !this.identifiers.includes(identifier));
    if (added.length > 0) this.identifiers = [...this.identifiers, ...added].slice(-REMEMBERED_IDENTIFIERS);
  }

  /** SUBACK granted it. */
  granted(reasonCode: number, { qos, generation, mayReplay }: RequestedFilter): void {
    if (mayReplay) this.replays.answered(generation);
    this.info = grantedWith(reasonCode);
    this.grant = { info: this.info, qos };
  }

  /** SUBACK refused it. An earlier grant stands; observers that joined later still wait for their answer. */
  denied({ observers, mayReplay }: RequestedFilter): void {
    if (mayReplay) this.replays.answered();
    if (this.grant !== undefined) {
      ({ info: this.info, qos: this.requestedQos } = this.grant);
    } else if (!this.observers.some((observer) => observer.identifier !== 0 && !observers.includes(observer))) {
      this.state = 'none';
    }
  }

  /** The connection was lost before SUBACK. */
  notAnswered({ observers, mayReplay }: RequestedFilter): void {
    if (mayReplay) this.replays.answered();
    this.state = 'unconfirmed';
    for (const observer of observers) observer.identifier = 0;
  }

  /** UNSUBSCRIBE is about to be sent, or will be. */
  dropped(): void {
    this.state = 'none';
    this.grant = undefined;
  }

  connectionLost(): void {
    if (this.isObserved) this.info = { ...this.info, status: 'lost' };
  }

  /** A new connection resumed the broker's session. */
  sessionResumed(): void {
    if (this.isKnown) this.info = { ...this.info, status: 'active' };
  }

  /** A new connection has a new session. */
  sessionLost(resubscribe: boolean): void {
    // A lost subscription stays lost.
    this.state = this.state === 'lost' || (this.isKnown && !resubscribe) ? 'lost' : 'none';
    this.grant = undefined;
    this.identifiers = NONE;
    this.replays = new Replays();
    for (const observer of this.observers) {
      observer.joined = 0;
      observer.identifier = 0;
    }
  }

  delivered(topic: string, isRetained: boolean): void {
    const { retainAsPublished, retainHandling } = this.request;
    if (retainAsPublished || retainHandling !== 0 || this.ownsIdentifiers || this.isShared) return;
    this.replays.see(topic, isRetained);
  }
}
