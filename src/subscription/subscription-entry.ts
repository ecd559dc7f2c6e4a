import type { QoS } from '../packet/packets.js';
import { matchingStart } from '../topic/topic-filter.js';
import { type Founder, unfold } from './folded.js';
import { Members } from './members.js';
import type { Membership } from './membership.js';
import type { MessageHandler } from './message-observer.js';
import { SeenTopics } from './seen-topics.js';
import { NO_IDENTIFIERS, type Terms } from './terms.js';

/** One topic filter: who observes it, and what the broker knows of it. */
export class SubscriptionEntry extends Members {
  private seen: SeenTopics | undefined = undefined;

  constructor(
    readonly filter: string,
    public terms: Terms,
    /** Order of creation. */
    readonly order: number,
  ) {
    super();
  }

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
    if (this.isFolded) return this.terms.request.qos;
    return this.members.reduce<QoS>((highest, { observer }) => Math.max(highest, observer.request.qos) as QoS, 0);
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
    this.rejoin(round);
  }

  protected unfold(handler: MessageHandler): Founder {
    return unfold(this, handler);
  }
}
