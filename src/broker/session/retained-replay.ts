import type { Observable, Subscription as RxSubscription } from 'rxjs';
import { PublishPacket } from '../../packet/publish-packet.js';
import { FanOut } from '../routing/fan-out.js';
import type { Recipient } from '../routing/recipient.js';
import { type RetainedMessage, type RetainedMessages, WalkedSteps } from '../routing/retained-messages.js';
import type { Route } from '../routing/route.js';
import type { Subscription } from '../routing/subscription.js';
import type { SlicedTask, Slices } from './slices.js';

/** The session that a replay belongs to. */
export interface ReplayTarget extends Recipient {
  /** A message would be sent at once: nothing waits, and neither the window nor the socket is full. */
  readonly canSend: boolean;
  /** So many bytes of a message at QoS 1 or 2 find room. */
  hasRoomFor(bytes: number): boolean;
  /** Emits when the window may have room again. */
  readonly settled$: Observable<void>;
  /** The subscription was neither removed nor replaced. */
  isCurrent(subscription: Subscription): boolean;
  /** The subscription has received everything. */
  replayed(subscription: Subscription): void;
  /** It is the replay's turn again. */
  feedReplay(): void;
}

/** The retained messages that one new subscription has yet to receive. */
interface Part {
  readonly route: Route;
  readonly subscription: Subscription;
  readonly retained: RetainedMessages;
  readonly messages: Iterator<RetainedMessage | undefined>;
  /** Later messages are delivered live. */
  readonly upTo: number;
  /** Found, and without room so far. */
  found: RetainedMessage | undefined;
}

/**
 * Sends the retained messages for a session's new subscriptions [MQTT-3.3.1-9], one by one as window and socket allow:
 * even the widest filter fills no queue, and a search in vain takes its turn. Like the session, it outlives
 * connections.
 */
export class RetainedReplay implements SlicedTask {
  /** By filter: a later subscription takes the place of an earlier one. */
  private readonly parts = new Map<string, Part>();
  private readonly steps = new WalkedSteps();
  private progress: RxSubscription | undefined = undefined;
  private feeding = false;
  /** It proceeds in its turn. */
  private waiting = false;

  constructor(
    private readonly target: ReplayTarget,
    private readonly slices: Slices,
  ) {}

  get isDone(): boolean {
    return this.parts.size === 0;
  }

  add(subscription: Subscription, retained: RetainedMessages): void {
    this.parts.delete(subscription.filter);
    this.parts.set(subscription.filter, {
      route: subscription.route,
      subscription,
      retained,
      messages: retained.matching(subscription.matching, this.steps),
      upTo: retained.latest,
      found: undefined,
    });
  }

  /** Whether this subscription has more to receive. */
  isPending(subscription: Subscription): boolean {
    return this.parts.get(subscription.filter)?.subscription === subscription;
  }

  /** Sends as much as possible now. */
  feed(): void {
    // The acknowledgement may come before the call returns.
    if (this.feeding || this.waiting) return;
    this.feeding = true;
    for (const part of this.parts.values()) if (!this.sendAll(part)) break;
    this.feeding = false;
    if (this.isDone) this.stop();
    else if (!this.waiting) this.progress ??= this.target.settled$.subscribe(() => this.feed());
  }

  proceed(): void {
    this.waiting = false;
    this.target.feedReplay();
  }

  stop(): void {
    this.progress?.unsubscribe();
    this.progress = undefined;
  }

  /** Returns false when it has to wait. */
  private sendAll(part: Part): boolean {
    const { target, slices } = this;
    while (target.canSend) {
      const next = part.found === undefined ? part.messages.next() : { value: part.found };
      if (next.done === true || !target.isCurrent(part.subscription)) {
        this.finish(part);
        return true;
      }
      const { value } = next;
      if (value === undefined) {
        if (slices.mayGoOn(this)) continue;
        this.waiting = true;
        return false;
      }
      part.found = value;
      // It may have been replaced or removed while it waited for room.
      if (value.order <= part.upTo && part.retained.isCurrent(value) && !part.subscription.hides(value.topic)) {
        if (!target.hasRoomFor(value.size)) return false;
        deliver(value, part);
      }
      part.found = undefined;
    }
    return false;
  }

  private finish({ subscription }: Part): void {
    if (this.isPending(subscription)) this.parts.delete(subscription.filter);
    if (this.target.isCurrent(subscription)) this.target.replayed(subscription);
  }
}

function deliver({ topic, payload, qos, properties, storedAt }: RetainedMessage, { route, subscription }: Part): void {
  const acceptedAt = properties?.messageExpiryInterval === undefined ? undefined : storedAt;
  const fanOut = new FanOut(new PublishPacket(topic, payload, qos, true, false, 0, properties), acceptedAt);
  route.recipient.deliver(fanOut, {
    qos: qos < subscription.qos ? qos : subscription.qos,
    retain: true,
    properties: route.propertiesFor(properties),
    group: undefined,
  });
}
