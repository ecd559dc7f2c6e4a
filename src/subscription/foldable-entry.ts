import type { MqttError } from '../errors.js';
import type { QoS } from '../packet/packets.js';
import { listOf } from './few.js';
import { HandlerSubscription } from './handler-subscription.js';
import type { Membership } from './membership.js';
import type { MessageHandler } from './message-observer.js';
import { type SomeMembers, SubscriptionEntry } from './subscription-entry.js';

/** What a folded member becomes as soon as more than its function is wanted of it. */
class Founder extends HandlerSubscription {}

/**
 * A filter that can do without its one member, which began it, while it has the function of that. Where very many
 * filters are subscribed to one by one, and nobody keeps what `subscribe()` returned, that is half of the memory.
 */
export class FoldableEntry extends SubscriptionEntry {
  private folded: MessageHandler | undefined = undefined;

  override get members(): readonly Membership[] {
    this.unfold();
    return super.members;
  }

  override get everybody(): SomeMembers {
    return this.folded ?? super.members;
  }

  override get isObserved(): boolean {
    return this.folded !== undefined || super.isObserved;
  }

  override get qos(): QoS {
    return this.folded === undefined ? super.qos : this.terms.request.qos;
  }

  /** The member that was folded, if it is still there. */
  get founder(): HandlerSubscription | undefined {
    return this.members.find((member) => member instanceof Founder);
  }

  override add(member: Membership): void {
    this.unfold();
    super.add(member);
  }

  override empty(): void {
    this.folded = undefined;
    super.empty();
  }

  /** Keeps nothing of the one member but its function. */
  fold(handler: MessageHandler): void {
    super.empty();
    this.folded = handler;
  }

  override fail(members: SomeMembers, error: MqttError): void {
    super.fail(typeof members === 'function' ? listOf<Membership>(this.founder) : members, error);
  }

  override identify(members: SomeMembers, identifier: number): void {
    if (typeof members !== 'function') super.identify(members, identifier);
  }

  /** Makes the member again. Nobody has joined since it was folded, and it was given no message yet. */
  private unfold(): void {
    const { folded } = this;
    if (folded === undefined) return;
    this.folded = undefined;
    const { request, exit, identifiers } = this.terms;
    const founder = new Founder(folded, request, exit);
    founder.memberships = founder.join(this);
    if (this.isKnown) founder.identifier = identifiers.at(-1) ?? -1;
    super.add(founder);
  }
}
