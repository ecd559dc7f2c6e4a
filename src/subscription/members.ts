import { type Few, listOf, withItem, withoutItem } from './few.js';
import { Founder } from './folded.js';
import type { Membership } from './membership.js';
import type { MessageHandler } from './message-observer.js';

/** Some members of a filter; a function stands for the one that is folded. */
export type SomeMembers = readonly Membership[] | MessageHandler;

/**
 * Those who observe a filter. Of the one who began it there may be but the function, see {@link fold}; whoever wants
 * more of that one unfolds it.
 */
export abstract class Members {
  private few: Few<Membership> | MessageHandler = undefined;

  /** The list as it is now; it does not change. */
  get members(): readonly Membership[] {
    return listOf(this.unfolded());
  }

  /** All of them, and a folded one as it is. */
  get everybody(): SomeMembers {
    return this.isFolded ? (this.few as MessageHandler) : this.members;
  }

  get isObserved(): boolean {
    return this.few !== undefined;
  }

  /** There is one member, of which there is but the function. */
  get isFolded(): boolean {
    return typeof this.few === 'function';
  }

  /** The member that was folded, if it is still there. */
  get founder(): Founder | undefined {
    return this.members.find((member) => member instanceof Founder);
  }

  add(member: Membership): void {
    this.few = withItem(this.unfolded(), member);
  }

  remove(member: Membership): void {
    this.few = withoutItem(this.unfolded(), member);
  }

  /** Lets all observers go. */
  empty(): void {
    this.few = undefined;
  }

  /** Keeps nothing of the one member, which began the filter, but its function. */
  fold(handler: MessageHandler): void {
    this.few = handler;
  }

  /** Those of some members that a list can have: a folded one only while it is there. */
  listed(members: SomeMembers): readonly Membership[] {
    return typeof members === 'function' ? listOf<Membership>(this.founder) : members;
  }

  /** These were asked for with this subscription identifier; 0 takes that back. A folded one tells by the entry. */
  identify(members: SomeMembers, identifier: number): void {
    if (typeof members !== 'function') for (const member of members) member.identifier = identifier;
  }

  /** As if all had joined in this round, for which nothing was asked yet. */
  protected rejoin(round: number): void {
    if (this.isFolded) return;
    this.identify(this.members, 0);
    for (const member of this.members) member.joined = round;
  }

  /** The member that a function stands for. */
  protected abstract unfold(handler: MessageHandler): Founder;

  private unfolded(): Few<Membership> {
    return typeof this.few === 'function' ? (this.few = this.unfold(this.few)) : this.few;
  }
}
