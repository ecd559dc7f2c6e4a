import type { QoS } from '../packet/packets.js';
import { matchingStart } from '../topic/topic-filter.js';
import { NOT_IDENTIFIED, type MessageSubscriber } from './message-subscriber.js';
import { RetainedReplays } from './retained-replays.js';
import { grantedWith, PENDING, type SubscriptionInfo } from './subscription-info.js';
import type { SubscriptionRequest } from './subscription-request.js';

/** Whether the subscription stands in the broker's session. */
export type SubscriptionState =
  /** The broker was not asked for it. */
  | 'none'
  /** A SUBSCRIBE went out in this session of the broker, and no UNSUBSCRIBE since. */
  | 'subscribed'
  /** The same, but an observer joined that has to see the retained messages: it is asked for again. */
  | 'resubscribe'
  /** A SUBSCRIBE was not answered before the connection was lost: the broker may have it or not. */
  | 'unconfirmed'
  /** The broker lost it with the session, and it is not asked for again until an observer joins. */
  | 'lost';

/** One filter of a SUBSCRIBE, and the observers that its answer concerns. */
export interface RequestedFilter {
  readonly subscription: FilterSubscription;
  readonly observers: readonly MessageSubscriber[];
  readonly qos: QoS;
  /** The subscription's generation at the time. */
  readonly generation: number;
}

/** How many identifiers a subscription answers to: messages under an earlier one may still be on their way. */
const REMEMBERED_IDENTIFIERS = 256;

const NO_OBSERVERS: readonly MessageSubscriber[] = [];
const NO_IDENTIFIERS: readonly number[] = [];

/** One topic filter: who observes it, and what the broker knows of it. Each change of that is a method. */
export class FilterSubscription {
  /** The list is made anew at each change, so that a loop over the old one is not disturbed. */
  observers: readonly MessageSubscriber[] = NO_OBSERVERS;
  state: SubscriptionState = 'none';
  info: SubscriptionInfo = PENDING;
  /** The subscription identifiers under which the broker may send its messages; empty where they are not in use. */
  identifiers: readonly number[] = NO_IDENTIFIERS;
  /** `unsubscribe()` was called: its observers get what arrives until that is answered, and complete then. */
  isLeaving = false;
  /** The packet identifier of the last SUBSCRIBE. */
  packetId = 0;
  /** The QoS of the last SUBSCRIBE. */
  requestedQos: QoS = 0;
  /** What the broker has granted last, and the QoS that it was asked for with. */
  private grant: { readonly info: SubscriptionInfo; readonly qos: QoS } | undefined = undefined;
  /** Counts the SUBSCRIBE packets that were, or will be, sent for it. */
  private generation = 0;
  /** The last generation that the broker has answered. */
  private answered = -1;
  private replays: RetainedReplays | undefined = undefined;

  constructor(
    readonly filter: string,
    /** Sets the options; later observers have to ask for the same. */
    public request: SubscriptionRequest,
    /** Order of creation. */
    readonly order: number,
  ) {}

  get isShared(): boolean {
    return matchingStart(this.filter) > 0;
  }

  /** What topics are matched with: the filter, or the one inside `$share/group/`. */
  get matched(): string {
    return this.filter.slice(matchingStart(this.filter));
  }

  get isObserved(): boolean {
    return this.observers.length > 0;
  }

  /** The broker has it. */
  get isKnown(): boolean {
    return this.state === 'subscribed' || this.state === 'resubscribe';
  }

  /** The broker may have it, so that it has to be told when the filter is not wanted any more. */
  get mayBeKnown(): boolean {
    return this.isKnown || this.state === 'unconfirmed';
  }

  /** The broker does not have it as it is wanted. */
  get needsRequest(): boolean {
    return this.isObserved && !this.isLeaving && (this.state !== 'subscribed' || this.qos > this.requestedQos);
  }

  /** Identifiers are ours to choose, so that each SUBSCRIBE has one of its own and answers to it can be told apart. */
  get ownsIdentifiers(): boolean {
    return this.identifiers.length > 0 && this.request.properties?.subscriptionIdentifier === undefined;
  }

  /** The highest QoS that an observer asked for. */
  get qos(): QoS {
    return this.observers.reduce<QoS>((highest, { request }) => Math.max(highest, request.qos) as QoS, 0);
  }

  add(observer: MessageSubscriber): void {
    if (!this.isObserved) this.request = observer.request;
    observer.joined = this.generation;
    this.observers = [...this.observers, observer];
  }

  remove(observer: MessageSubscriber): void {
    this.observers = this.observers.filter((other) => other !== observer);
  }

  /** Lets all observers go, and gives them back. */
  removeAll(): readonly MessageSubscriber[] {
    const { observers } = this;
    this.observers = NO_OBSERVERS;
    return observers;
  }

  /** It has to be asked for once more, for an observer that is about to join. */
  requestAgain(): void {
    this.state = 'resubscribe';
    this.generation++;
  }

  /** The application wants to know how it stands: it is asked for once more, and its observers see no replay. */
  askAgain(): void {
    if (!this.isKnown && this.state !== 'lost') return;
    if (this.state === 'lost') for (const observer of this.observers) observer.identifier = NOT_IDENTIFIED;
    this.requestAgain();
    this.info = PENDING;
  }

  /** A SUBSCRIBE is about to be sent. */
  requested(identifier: number | undefined): RequestedFilter {
    const { generation, isKnown, qos } = this;
    const observers = isKnown ? this.observers.filter((observer) => observer.identifier === 0) : this.observers;
    this.state = 'subscribed';
    this.info = PENDING;
    this.requestedQos = qos;
    if (identifier !== undefined) this.identifiedBy([identifier]);
    for (const observer of observers) observer.identifier = identifier ?? NOT_IDENTIFIED;
    return { subscription: this, observers, qos, generation };
  }

  /** From now on the broker may send what matches under these identifiers, too. */
  identifiedBy(identifiers: readonly number[]): void {
    const added = identifiers.filter((identifier) => !this.identifiers.includes(identifier));
    if (added.length > 0) this.identifiers = [...this.identifiers, ...added].slice(-REMEMBERED_IDENTIFIERS);
  }

  /** SUBACK says yes. */
  granted(reasonCode: number, { qos, generation }: RequestedFilter): void {
    this.info = grantedWith(reasonCode);
    this.grant = { info: this.info, qos };
    this.answered = Math.max(this.answered, generation);
  }

  /** SUBACK says no: what was granted before stands, and observers that joined later have an answer to come. */
  denied({ observers }: RequestedFilter): void {
    if (this.grant !== undefined) {
      this.info = this.grant.info;
      this.requestedQos = this.grant.qos;
    } else if (!this.observers.some((observer) => observer.identifier !== 0 && !observers.includes(observer))) {
      this.state = 'none';
    }
  }

  /** The connection was lost before the SUBSCRIBE was answered. */
  notAnswered({ observers }: RequestedFilter): void {
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

  /** A new connection goes on with the broker's session. */
  sessionResumed(): void {
    if (this.isKnown) this.info = { ...this.info, status: 'active' };
  }

  /** A new connection has a new session: everything begins anew. */
  sessionLost(resubscribe: boolean): void {
    // What was lost stays so, whatever the broker loses now.
    this.state = this.state === 'lost' || (this.isKnown && !resubscribe) ? 'lost' : 'none';
    this.grant = undefined;
    this.identifiers = NO_IDENTIFIERS;
    this.answered = this.generation;
    this.generation++;
    this.replays = undefined;
    for (const observer of this.observers) {
      observer.joined = this.generation;
      observer.identifier = 0;
    }
  }

  /**
   * Notes that a message was delivered. A live one does not stand for the retained one that a SUBSCRIBE without an
   * answer is still to bring.
   */
  delivered(topic: string, isRetained: boolean): void {
    const { retainAsPublished, retainHandling } = this.request;
    if (retainAsPublished || retainHandling !== 0 || this.ownsIdentifiers || this.isShared) return;
    const generation = isRetained ? this.generation : this.answered;
    if (this.replays === undefined) this.replays = new RetainedReplays(topic, generation);
    else this.replays.note(topic, generation);
  }

  /** Whether this observer was given a message of the topic since it joined, so that a replay is not meant for it. */
  hasSeen(observer: MessageSubscriber, topic: string): boolean {
    return this.replays !== undefined && this.replays.lastSeen(topic) >= observer.joined;
  }
}
