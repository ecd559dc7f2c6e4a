import type { Subscription } from '../routing/subscription.js';

/**
 * The share names of one session. A message that several of its filters match comes once, but once more for each of its
 * share names.
 */
export class ShareNames {
  /** With how many subscriptions each has. */
  private readonly counts = new Map<string, number>();

  /** Whether a subscription has a name that is known, or that is within the limit. */
  hasRoomFor({ group }: Subscription, limit: number): boolean {
    return group === undefined || this.counts.has(group) || this.counts.size < limit;
  }

  add({ group }: Subscription): void {
    if (group !== undefined) this.counts.set(group, (this.counts.get(group) ?? 0) + 1);
  }

  remove({ group }: Subscription): void {
    if (group === undefined) return;
    const left = (this.counts.get(group) ?? 0) - 1;
    if (left > 0) this.counts.set(group, left);
    else this.counts.delete(group);
  }
}
