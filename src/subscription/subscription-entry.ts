import type { MqttError } from '../errors.js';
import type { QoS } from '../packet/packets.js';
import { conclude } from '../rx/conclude.js';
import { matchingStart } from '../topic/topic-filter.js';
import { type Few, listOf, withItem, withoutItem } from './few.js';
import type { Membership } from './membership.js';
import type { MessageHandler } from './message-observer.js';
import { SeenTopics } from './seen-topics.js';
import { NO_IDENTIFIERS, type Terms } from './terms.js';

/** Some members of an entry; a function stands for the one that is folded. */
export type SomeMembers = readonly Membership[] | MessageHandler;

/** One topic filter: who observes it, and what the broker knows of it. */
export class SubscriptionEntry {
  private few: Few<Membership> = undefined;
  private seen: SeenTopics | undefined = undefined;

  constructor(
    readonly filter: string,
    public terms: Terms,
    /** Order of creation. */
    readonly order: number,
  ) {}

  /** Some of its terms have changed. */
  update(change: Partial<Terms>): void {
    this.terms = this.terms.recent.same({ ...this.terms, ...change });
  }

  get shared(): boolean {
    return matchingStart(this.filter) > 0;
  }

  /** What topics are matched with: the filter, or the one inside `$share/group/`. */
  get matched(): string {
    return this.filter.slice(matchingStart(this.filter));
  }

  /** The list as it is now; it does not change. */
  get members(): readonly Membership[] {
    return listOf(this.few);
  }

  /** All of them, and a folded one as it is. */
  get everybody(): SomeMembers {
    return this.members;
  }

  get isObserved(): boolean {
    return this.few !== undefined;
  }

  get isKnown(): boolean {
    const { standing } = this.terms;
    return standing === 'known' || standing === 'stale';
  }

  /** The broker may have it, so that it has to be told when nobody wants it any more. */
  get mayBeKnown(): boolean {
    return this.isKnown || this.terms.standing === 'uncertain';
  }

  /** Identifiers are ours to choose, so that each SUBSCRIBE has one of its own and answers to it can be told apart. */
  get ownsIdentifier(): boolean {
    const { identifiers, request } = this.terms;
    return identifiers.length > 0 && request.properties?.subscriptionIdentifier === undefined;
  }

  /** Replays can only be told from what was seen before. */
  get remembersTopics(): boolean {
    const { retainAsPublished, retainHandling } = this.terms.request;
    return !this.shared && !this.ownsIdentifier && !retainAsPublished && retainHandling === 0;
  }

  /** The highest QoS that an observer asked for. */
  get qos(): QoS {
    return this.members.reduce<QoS>((highest, { observer }) => Math.max(highest, observer.request.qos) as QoS, 0);
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

  /** Errors some members, a folded one only while it is there. */
  fail(members: SomeMembers, error: MqttError): void {
    for (const { observer } of members as readonly Membership[]) conclude(observer.subscriber, error);
  }

  /** These were asked for with this subscription identifier; 0 takes that back. A folded one tells by the entry. */
  identify(members: SomeMembers, identifier: number): void {
    for (const member of members as readonly Membership[]) member.identifier = identifier;
  }

  /** It has to be asked for once more. */
  askAgain(): void {
    this.update({ standing: 'stale', round: this.terms.round + 1 });
  }

  /**
   * Notes that a message of this topic was delivered. A live one does not stand for the retained one that a SUBSCRIBE
   * without an answer is still to bring.
   */
  saw(topic: string, retained: boolean): void {
    const round = retained ? this.terms.round : this.terms.answered;
    if (this.seen === undefined) this.seen = new SeenTopics(topic, round);
    else this.seen.note(topic, round);
  }

  /** Whether this member was given a message of the topic since it joined, so that a replay is none of its business. */
  hasSeen(member: Membership, topic: string): boolean {
    return (this.seen?.roundOf(topic) ?? -1) >= member.joined;
  }

  /** The broker lost the session: everything begins anew. */
  forget(): void {
    const answered = this.terms.round;
    const round = answered + 1;
    this.update({ standing: 'unknown', identifiers: NO_IDENTIFIERS, answered, round });
    this.seen = undefined;
    for (const member of listOf(this.few)) {
      member.joined = round;
      member.identifier = 0;
    }
  }
}
