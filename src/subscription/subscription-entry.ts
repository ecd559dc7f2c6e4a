import type { QoS } from '../packet/packets.js';
import { matchingStart } from '../topic/topic-filter.js';
import { type Few, listOf, withItem, withoutItem } from './few.js';
import type { Membership } from './membership.js';
import { SeenTopics } from './seen-topics.js';
import { PENDING, type SubscriptionInfo } from './subscription-info.js';
import type { SubscriptionRequest } from './subscription-request.js';

/** Shared, because there may be very many entries. */
const NO_IDENTIFIERS: readonly number[] = [];

/** Whether a filter stands in the broker's session. */
export type Standing =
  | 'unknown'
  /** A SUBSCRIBE for it went out in this session of the broker, and no UNSUBSCRIBE since. */
  | 'known'
  /** The same, but somebody joined who has to see the retained messages: it is asked for again. */
  | 'stale'
  /** A SUBSCRIBE was sent and not answered when the connection was lost: the broker may have it or not. */
  | 'uncertain'
  /** The broker lost it with the session, and it is not asked for again unless somebody joins. */
  | 'lapsed';

/** One topic filter: who observes it, and what the broker knows of it. */
export class SubscriptionEntry {
  private few: Few<Membership> = undefined;
  info: SubscriptionInfo = PENDING;
  standing: Standing = 'unknown';
  /** The QoS of the last SUBSCRIBE. */
  askedQos: QoS = 0;
  /** The identifiers under which the broker may send its messages; empty where identifiers are not in use. */
  identifiers: readonly number[] = NO_IDENTIFIERS;
  /** Counts the SUBSCRIBE packets that were, or will be, sent for it. */
  round = 0;
  /** The last of these rounds that the broker has answered. */
  answered = -1;
  private seen: SeenTopics | undefined = undefined;

  constructor(
    readonly filter: string,
    /** Sets the options of the entry; later observers have to ask for the same. */
    public request: SubscriptionRequest,
    /** Order of creation. */
    readonly order: number,
  ) {}

  get shared(): boolean {
    return matchingStart(this.filter) > 0;
  }

  /** What topics are matched with: the filter, or the one inside `$share/group/`. */
  get matched(): string {
    const start = matchingStart(this.filter);
    return start === 0 ? this.filter : this.filter.slice(start);
  }

  /** The list as it is now; it does not change. */
  get members(): readonly Membership[] {
    return listOf(this.few);
  }

  get isObserved(): boolean {
    return this.few !== undefined;
  }

  get isKnown(): boolean {
    return this.standing === 'known' || this.standing === 'stale';
  }

  /** The broker may have it, so that it has to be told when nobody wants it any more. */
  get mayBeKnown(): boolean {
    return this.isKnown || this.standing === 'uncertain';
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
    this.few = withItem(this.few, member);
  }

  remove(member: Membership): void {
    this.few = withoutItem(this.few, member);
  }

  /** Lets all observers go. */
  empty(): void {
    this.few = undefined;
  }

  /**
   * Notes that a message of this topic was delivered. A live one does not stand for the retained one that a SUBSCRIBE
   * without an answer is still to bring.
   */
  saw(topic: string, retained: boolean): void {
    const round = retained ? this.round : this.answered;
    if (this.seen === undefined) this.seen = new SeenTopics(topic, round);
    else this.seen.note(topic, round);
  }

  /** Whether this member was given a message of the topic since it joined, so that a replay is none of its business. */
  hasSeen(member: Membership, topic: string): boolean {
    return (this.seen?.roundOf(topic) ?? -1) >= member.joined;
  }

  /** The broker no longer knows any identifier of it. */
  disown(): void {
    this.identifiers = NO_IDENTIFIERS;
  }

  /** The broker lost the session: everything begins anew. */
  forget(): void {
    this.standing = 'unknown';
    this.disown();
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
