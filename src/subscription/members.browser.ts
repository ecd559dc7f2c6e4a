import type { Membership } from './membership.js';
import type { Members as Foldable } from './members.js';

/** In the place of `members.ts` in browsers, where subscriptions are too few to fold any. */
export class Members implements Omit<Foldable, 'fold' | 'founder'> {
  members: readonly Membership[] = [];
  readonly isFolded = false;

  get everybody(): readonly Membership[] {
    return this.members;
  }

  get isObserved(): boolean {
    return this.members.length > 0;
  }

  add(member: Membership): void {
    this.members = [...this.members, member];
  }

  remove(member: Membership): void {
    this.members = this.members.filter((other) => other !== member);
  }

  empty(): void {
    this.members = [];
  }

  identify(members: readonly Membership[], identifier: number): void {
    for (const member of members) member.identifier = identifier;
  }

  rejoin(round: number): void {
    for (const member of this.members) {
      member.joined = round;
      member.identifier = 0;
    }
  }

  listed(members: readonly Membership[]): readonly Membership[] {
    return members;
  }
}
