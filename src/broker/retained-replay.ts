import type { Subscription } from 'rxjs';
import { PublishPacket } from '../packet/publish-packet.js';
import { Fifo } from '../session/fifo.js';
import type { BrokerSession } from './broker-session.js';
import type { ClientSubscription } from './client-subscription.js';
import { FanOut } from './fan-out.js';
import type { RetainedMessage, RetainedMessages } from './retained-messages.js';
import { Route } from './routes.js';

/** What one new subscription is still to get. */
interface Part {
  readonly route: Route;
  readonly subscription: ClientSubscription;
  readonly messages: Iterator<RetainedMessage>;
  /** Messages that were retained later were delivered as they came. */
  readonly upTo: number;
}

/**
 * Sends one session what is retained for its new subscriptions [MQTT-3.3.1-9]: one message after the other, as its
 * window and its socket take them, so that the widest filter fills no queue. It outlives connections, as the session
 * does.
 */
export class RetainedReplay {
  private readonly parts = new Fifo<Part>();
  private readonly progress: Subscription;
  private feeding = false;

  constructor(
    private readonly session: BrokerSession,
    private readonly onDone: () => void,
  ) {
    this.progress = session.sender.settled$.subscribe(() => this.feed());
  }

  add(subscription: ClientSubscription, retained: RetainedMessages): void {
    this.parts.push({
      route: new Route(this.session, [subscription]),
      subscription,
      messages: retained.matching(subscription.matching),
      upTo: retained.latest,
    });
  }

  /** Whether it is under way for this subscription. */
  owes(subscription: ClientSubscription): boolean {
    for (const part of this.parts) if (part.subscription === subscription) return true;
    return false;
  }

  /** Sends what can be sent now. */
  feed(): void {
    // What is sent may be acknowledged before the call returns.
    if (this.feeding) return;
    this.feeding = true;
    for (let part = this.parts.peek(); part !== undefined && this.session.takesMore; part = this.parts.peek()) {
      const next = part.messages.next();
      if (next.done === true || !this.isCurrent(part)) this.finish(part);
      else if (next.value.order <= part.upTo) deliver(next.value, part);
    }
    this.feeding = false;
    if (this.parts.size > 0) return;
    this.stop();
    this.onDone();
  }

  stop(): void {
    this.progress.unsubscribe();
  }

  private finish(part: Part): void {
    this.parts.shift();
    if (this.isCurrent(part)) this.session.stored?.subscribed(part.subscription, false);
  }

  /** It was neither given up nor replaced. */
  private isCurrent({ subscription }: Part): boolean {
    return this.session.subscriptions.get(subscription.filter) === subscription;
  }
}

function deliver({ topic, payload, qos, properties, storedAt }: RetainedMessage, { route, subscription }: Part): void {
  const acceptedAt = properties?.messageExpiryInterval === undefined ? 0 : storedAt;
  const fanOut = new FanOut(new PublishPacket(topic, payload, qos, true, false, 0, properties), acceptedAt);
  const granted = qos < subscription.qos ? qos : subscription.qos;
  route.session.deliver(fanOut, granted, true, route.propertiesFor(properties));
}
