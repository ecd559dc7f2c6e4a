import type { Observable, Subscription as RxSubscription } from 'rxjs';
import { PublishPacket } from '../../packet/publish-packet.js';
import { Fifo } from '../../fifo.js';
import { FanOut } from '../routing/fan-out.js';
import type { Recipient } from '../routing/recipient.js';
import type { RetainedMessage, RetainedMessages } from '../routing/retained-messages.js';
import { Route } from '../routing/route.js';
import type { Subscription } from '../routing/subscription.js';

/** The session that a replay belongs to. */
export interface ReplayTarget extends Recipient {
  /** A message would be sent at once: nothing waits, and neither the window nor the socket is full. */
  readonly canSend: boolean;
  /** Emits when the window may have room again. */
  readonly settled$: Observable<void>;
  /** The subscription was neither removed nor replaced. */
  isCurrent(subscription: Subscription): boolean;
  /** The subscription has received everything. */
  replayed(subscription: Subscription): void;
}

/** What one new subscription has yet to receive. */
interface Part {
  readonly route: Route;
  readonly subscription: Subscription;
  readonly messages: Iterator<RetainedMessage>;
  /** Later messages are delivered live. */
  readonly upTo: number;
}

/**
 * Sends the retained messages for a session's new subscriptions [MQTT-3.3.1-9], one by one as window and socket allow:
 * even the widest filter fills no queue. Like the session, it outlives connections.
 */
export class RetainedReplay {
  private readonly parts = new Fifo<Part>();
  private progress: RxSubscription | undefined = undefined;
  private feeding = false;

  constructor(private readonly target: ReplayTarget) {}

  get isDone(): boolean {
    return this.parts.size === 0;
  }

  add(subscription: Subscription, retained: RetainedMessages): void {
    this.parts.push({
      route: new Route(this.target, [subscription]),
      subscription,
      messages: retained.matching(subscription.matching),
      upTo: retained.latest,
    });
  }

  /** Whether this subscription has more to receive. */
  isPending(subscription: Subscription): boolean {
    for (const part of this.parts) if (part.subscription === subscription) return true;
    return false;
  }

  /** Sends as much as possible now. */
  feed(): void {
    // The acknowledgement may come before the call returns.
    if (this.feeding) return;
    this.feeding = true;
    for (let part = this.parts.peek(); part !== undefined && this.target.canSend; part = this.parts.peek()) {
      const next = part.messages.next();
      if (next.done === true || !this.target.isCurrent(part.subscription)) this.finish(part);
      else if (next.value.order <= part.upTo) deliver(next.value, part);
    }
    this.feeding = false;
    if (this.isDone) this.stop();
    else this.progress ??= this.target.settled$.subscribe(() => this.feed());
  }

  stop(): void {
    this.progress?.unsubscribe();
    this.progress = undefined;
  }

  private finish({ subscription }: Part): void {
    this.parts.shift();
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
