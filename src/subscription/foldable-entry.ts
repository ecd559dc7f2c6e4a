import type { MqttError } from '../errors.js';
import type { QoS } from '../packet/packets.js';
import { listOf } from './few.js';
import { HandlerSubscription } from './handler-subscription.js';
import type { Membership } from './membership.js';
import type { MessageHandler } from './message-observer.js';
import { type SomeMembers, SubscriptionEntry } from './subscription-entry.js';

/**
 * A filter that can do without its one member, which began it, while it has the function of that. Where very many
 * filters are subscribed to one by one, and nobody keeps what `subscribe()` returned, that is half of the memory.
 */
export class FoldableEntry extends SubscriptionEntry {
  /** The member that was folded: as a function, until more than that was wanted of it. */
  private folded: MessageHandler | HandlerSubscription | undefined = undefined;

  override get members(): readonly Membership[] {
    this.unfold();
    return super.members;
  }

  override get everybody(): SomeMembers {
    return typeof this.folded === 'function' ? this.folded : super.members;
  }

  override get isObserved(): boolean {
    return typeof this.folded === 'function' || super.isObserved;
  }

  override get qos(): QoS {
    return typeof this.folded === 'function' ? this.terms.request.qos : super.qos;
  }

  /** The member that was folded. It is closed, or there is none, when it has ended. */
  get founder(): HandlerSubscription | undefined {
    this.unfold();
    return this.folded as HandlerSubscription | undefined;
  }

  override add(member: Membership): void {
    this.unfold();
    super.add(member);
  }

  override empty(): void {
    if (typeof this.folded === 'function') this.folded = undefined;
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

  override askAgain(): void {
    // It joined in the round that ends here.
    this.unfold();
    super.askAgain();
  }

  /** Makes the member again. Nobody has joined since it was folded, and it was given no message yet. */
  private unfold(): void {
    if (typeof this.folded !== 'function') return;
    const { request, exit, identifiers } = this.terms;
    const founder = new HandlerSubscription(this.folded, request, exit);
    this.folded = founder;
    founder.memberships = founder.join(this);
    if (this.isKnown) founder.identifier = identifiers.at(-1) ?? -1;
    super.add(founder);
  }
}
