import type { Subscriber, Subscription } from 'rxjs';
import type { QoS, RetainHandling, SubscribeProperties } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { BoundedCache } from '../topic/bounded-cache.js';
import { parseShare } from '../topic/topic-filter.js';

/** What one call of `subscribe()` asked for, checked and with the defaults filled in. */
export interface SubscriptionRequest {
  readonly filters: readonly string[];
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: RetainHandling;
  readonly manualAck: boolean;
  /** ms for which the broker's subscription is kept after the last observer left. */
  readonly linger: number;
  readonly properties: SubscribeProperties | undefined;
}

/** Whoever subscribed to one Observable that `subscribe()` returned. */
export interface MessageObserver {
  readonly subscriber: Subscriber<PublishPacket>;
  readonly request: SubscriptionRequest;
}

/** One observer on one filter. */
export class Membership {
  /** The subscription identifier of the SUBSCRIBE that this observer caused or met; 0 before it was sent. */
  identifier = 0;

  constructor(
    readonly entry: SubscriptionEntry,
    readonly observer: MessageObserver,
    /** The entry's `round` when it joined. */
    public joined: number,
  ) {}
}

/** Whether the broker has the subscription. */
export type SubscriptionStatus =
  /** Asked for; no answer yet. */
  | 'pending'
  | 'active'
  /** The broker refused. */
  | 'denied'
  /** There is no connection, or the broker lost the session; it will be asked for again. */
  | 'lost';

/** What is seen of a filter in `subscriptions$`. */
export interface SubscriptionInfo {
  readonly status: SubscriptionStatus;
  /** What the broker granted. */
  readonly qos?: QoS | undefined;
  /** The code of SUBACK. */
  readonly reasonCode?: number | undefined;
}

/** Shared, because there may be very many entries. */
const PENDING: SubscriptionInfo = { status: 'pending' };
const NO_IDENTIFIERS: readonly number[] = [];

/** How many topics an entry remembers for {@link SubscriptionEntry.hasSeen}. */
const REMEMBERED_TOPICS = 10_000;

/** One topic filter: who observes it, and what the broker knows of it. */
export class SubscriptionEntry {
  /** What topics are matched with: the filter, or the one inside `$share/group/`. */
  readonly matched: string;
  readonly shared: boolean;
  /** Replaced, never changed, so that a delivery that is under way keeps the list it started with. */
  members: readonly Membership[] = [];
  info: SubscriptionInfo = PENDING;
  /** A SUBSCRIBE for it went out in this session of the broker, and no UNSUBSCRIBE since. */
  known = false;
  /** A SUBSCRIBE was sent and not answered when the connection was lost: the broker may have it or not. */
  uncertain = false;
  /** The broker lost it with the session, and it is not asked for again unless somebody joins. */
  lapsed = false;
  /** The QoS of the last SUBSCRIBE. */
  askedQos: QoS = 0;
  /** The identifiers under which the broker may send its messages; empty where identifiers are not in use. */
  identifiers: readonly number[] = NO_IDENTIFIERS;
  /** Counts the SUBSCRIBE packets that were, or will be, sent for it. */
  round = 0;
  /** The last of these rounds that the broker has answered. */
  answered = -1;
  /** Somebody joined who has to see the retained messages. */
  refresh = false;
  /** Runs while the broker's subscription is kept without observers. */
  linger: Subscription | undefined;
  private seen: BoundedCache<string, number> | undefined;

  constructor(
    readonly filter: string,
    /** Sets the options of the entry; later observers have to ask for the same. */
    public request: SubscriptionRequest,
    /** Order of creation. */
    readonly order: number,
  ) {
    const share = parseShare(filter);
    this.shared = share !== undefined;
    this.matched = share?.filter ?? filter;
  }

  /** Identifiers are ours to choose, so that each SUBSCRIBE has one of its own and answers to it can be told apart. */
  get ownsIdentifier(): boolean {
    return this.identifiers.length > 0 && this.request.properties?.subscriptionIdentifier === undefined;
  }

  /** Replays can only be told from what was seen before. */
  get remembersTopics(): boolean {
    const { retainAsPublished, retainHandling } = this.request;
    return !this.shared && !this.ownsIdentifier && !retainAsPublished && retainHandling === 0;
  }

  /** The highest QoS that an observer asked for. */
  get qos(): QoS {
    return this.members.reduce<QoS>((highest, { observer }) => max(highest, observer.request.qos), 0);
  }

  add(member: Membership): void {
    this.members = [...this.members, member];
  }

  remove(member: Membership): void {
    this.members = this.members.filter((other) => other !== member);
  }

  /**
   * Notes that a message of this topic was delivered. A live one does not stand for the retained one that a SUBSCRIBE
   * without an answer is still to bring.
   */
  saw(topic: string, retained: boolean): void {
    const round = retained ? this.round : this.answered;
    this.seen ??= new BoundedCache(REMEMBERED_TOPICS);
    if (round > (this.seen.get(topic) ?? -1)) this.seen.set(topic, round);
  }

  /** Whether this member was given a message of the topic since it joined, so that a replay is none of its business. */
  hasSeen(member: Membership, topic: string): boolean {
    return (this.seen?.get(topic) ?? -1) >= member.joined;
  }

  /** The broker lost the session: everything begins anew. */
  forget(): void {
    this.known = false;
    this.uncertain = false;
    this.identifiers = NO_IDENTIFIERS;
    this.refresh = false;
    this.answered = this.round;
    this.round++;
    this.seen = undefined;
    for (const member of this.members) {
      member.joined = this.round;
      member.identifier = 0;
    }
  }
}

const max = (a: QoS, b: QoS): QoS => (a > b ? a : b);
