import { isHidden } from '../access/mount-point.js';
import type { Route } from './route.js';
import type { Subscription } from './subscription.js';

/** The members of one shared subscription: each message goes to one of them, in turn. */
export class SharedGroup {
  private readonly members: Route[] = [];
  private turn = 0;
  /** Its number in the index. */
  number = 0;

  /** @param mountPoint - of all its members. */
  constructor(
    readonly name: string,
    readonly filter: string,
    private readonly mountPoint: string,
  ) {}

  /** See {@link Subscription.hides}. */
  hides(topic: string): boolean {
    return isHidden(this.mountPoint, this.filter, topic);
  }

  get size(): number {
    return this.members.length;
  }

  add(member: Subscription): void {
    this.members.push(member.route);
  }

  remove(member: Subscription): void {
    const index = this.members.indexOf(member.route);
    if (index < 0) return;
    this.members.splice(index, 1);
    if (index < this.turn) this.turn--;
  }

  /** The next member in turn that is connected and keeps up; else a connected one; else any. */
  next(): Route | undefined {
    const { members } = this;
    let slow: Route | undefined;
    for (let step = 0; step < members.length; step++) {
      const index = (this.turn + step) % members.length;
      const member = members[index] as Route;
      const { recipient } = member;
      if (!recipient.connected) continue;
      if (recipient.writable) {
        this.turn = index + 1;
        return member;
      }
      if (slow === undefined || recipient.backlog < slow.recipient.backlog) slow = member;
    }
    if (slow !== undefined) return slow;
    return members.length === 0 ? undefined : members[this.turn++ % members.length];
  }
}
