import { concat, defer, EMPTY, of, type Observable } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import type { Principal } from '../access/principal.js';
import type { RetainedMessages } from '../routing/retained-messages.js';
import type { Subscription } from '../routing/subscription.js';
import { ClientQueue, type Orphan } from './client-queue.js';
import type { ClientPort } from './client-port.js';
import { OPEN_ID, sessionSize, subscriptionSize, willSize } from './session-size.js';
import { ShareNames } from './share-names.js';
import { RetainedReplay, type ReplayTarget } from './retained-replay.js';

const NO_SUBSCRIPTIONS: ReadonlyMap<string, Subscription> = new Map();
const NO_SHARE_NAMES = new ShareNames();

/**
 * What the broker keeps for a client identifier, with or without a connection [MQTT-3.1.2-23]. Most sessions are idle,
 * so most parts are made on first use.
 */
export class Session extends ClientQueue implements ReplayTarget {
  /** Seconds that it outlives its connection; `Infinity` for ever. */
  expiryInterval = 0;
  /** Who may open it; undefined in the store of an earlier version: then the next one who does. */
  owner: Principal | undefined = undefined;
  payer: string | undefined = undefined;
  /** Changes with each change of its subscriptions. */
  revision = 0;
  /**
   * Its part of the bytes of all sessions, and what of it is for its will, and for the identifiers that it left open.
   */
  private size = 0;
  private willSize = 0;
  private openIdsSize = 0;
  private filters: Map<string, Subscription> | undefined = undefined;
  private shareNames: ShareNames | undefined = undefined;
  private incomingIds: Set<number> | undefined = undefined;
  private replaying: RetainedReplay | undefined = undefined;

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.filters ?? NO_SUBSCRIPTIONS;
  }

  /** Inbound QoS 2 identifiers between PUBREC and PUBREL. */
  get openIds(): Set<number> {
    return (this.incomingIds ??= new Set());
  }

  /** Emits after each acknowledgement of its client. */
  get settled$(): Observable<void> {
    return this.sender.settled$;
  }

  /** It counts in the quotas of this payer from now on. */
  paidBy(payer: string | undefined): void {
    this.payer = payer;
    this.grow(sessionSize(this.clientId, this.owner));
  }

  /** It counts no more. */
  release(): void {
    this.grow(-this.size);
    this.willSize = 0;
    this.openIdsSize = 0;
  }

  /** Whether its will may be replaced by this one. */
  hasRoomForWill(will: WillPacket | undefined): boolean {
    return this.mayGrow(willSize(will) - this.willSize);
  }

  /** This is the will to publish for it from now on. */
  keepWill(will: WillPacket | undefined): void {
    const size = willSize(will);
    this.grow(size - this.willSize);
    this.willSize = size;
  }

  /** Whether there is room for a subscription. */
  hasRoomForSubscription(subscription: Subscription): boolean {
    if (!this.mayGrow(subscriptionSize(subscription))) return false;
    return (this.shareNames ?? NO_SHARE_NAMES).hasRoomFor(subscription, this.context.limits.shareNames);
  }

  isCurrent(subscription: Subscription): boolean {
    return this.filters?.get(subscription.filter) === subscription;
  }

  /** @param retainedPending - its retained messages are still to be sent. */
  subscribe(subscription: Subscription, retainedPending: boolean): void {
    this.resubscribe(subscription);
    this.log?.subscribed(subscription, retainedPending);
  }

  /** Restores a subscription from the log. */
  resubscribe(subscription: Subscription): void {
    this.filters ??= new Map();
    const earlier = this.filters.get(subscription.filter);
    this.grow(subscriptionSize(subscription) - (earlier === undefined ? 0 : subscriptionSize(earlier)));
    this.filters.set(subscription.filter, subscription);
    if (subscription.group !== undefined) (this.shareNames ??= new ShareNames()).add(subscription);
    if (earlier !== undefined) this.shareNames?.remove(earlier);
    this.revision++;
  }

  unsubscribe(filter: string): void {
    const subscription = this.filters?.get(filter);
    if (subscription !== undefined) {
      this.grow(-subscriptionSize(subscription));
      this.shareNames?.remove(subscription);
    }
    this.filters?.delete(filter);
    this.revision++;
    this.log?.unsubscribed(filter);
  }

  /** Sends the retained messages of a subscription, little by little. */
  replay(subscription: Subscription, retained: RetainedMessages): void {
    this.replaying ??= new RetainedReplay(this, this.context.slices);
    this.replaying.add(subscription, retained);
    this.feedReplay();
  }

  replayed(subscription: Subscription): void {
    this.log?.subscribed(subscription, false);
  }

  /** Whether retained messages of a subscription are still to be sent. */
  isRetainedPending(subscription: Subscription): boolean {
    return this.replaying?.isPending(subscription) === true;
  }

  override attach(port: ClientPort): void {
    super.attach(port);
    this.feedReplay();
  }

  override detach(): void {
    super.detach();
    const size = OPEN_ID * (this.incomingIds?.size ?? 0);
    this.grow(size - this.openIdsSize);
    this.openIdsSize = size;
  }

  override drained(): void {
    super.drained();
    this.feedReplay();
  }

  /**
   * Discards everything, and emits the shared-subscription messages that other members may get instead [MQTT-4.8.2-5].
   */
  end(): Observable<readonly Orphan[]> {
    this.ended = true;
    this.stopReplay();
    return concat(
      this.load(),
      defer(() => (this.closed ? EMPTY : of(this.forget()))),
    );
  }

  override close(): void {
    this.stopReplay();
    super.close();
  }

  protected override restoreOpenIds(packetIds: readonly number[]): void {
    for (const packetId of packetIds) this.openIds.add(packetId);
  }

  private forget(): readonly Orphan[] {
    const orphans = this.drain();
    this.log?.ended(this.subscriptions.keys(), this.incomingIds ?? []);
    this.filters = undefined;
    this.incomingIds = undefined;
    return orphans;
  }

  feedReplay(): void {
    this.replaying?.feed();
    if (this.replaying?.isDone === true) this.replaying = undefined;
  }

  private grow(bytes: number): void {
    this.size += bytes;
    this.context.sessionBytes.add(this.payer, bytes);
  }

  private mayGrow(bytes: number): boolean {
    return bytes <= 0 || this.context.sessionBytes.hasRoomFor(this.payer, bytes);
  }

  private stopReplay(): void {
    this.replaying?.stop();
    this.replaying = undefined;
  }
}
