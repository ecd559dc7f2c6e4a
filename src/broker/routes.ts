import type { PublishProperties, QoS } from '../packet/packets.js';
import type { BrokerSession } from './broker-session.js';
import { ClientSubscription } from './client-subscription.js';
import type { SharedGroup } from './shared-group.js';

/** How one session gets a topic: all its subscriptions that match, taken together [MQTT-3.3.4-2] [MQTT-3.3.4-4]. */
export class Route {
  qos: QoS;
  retainAsPublished: boolean;
  noLocal: boolean;
  private identifiers: number[] | undefined = undefined;
  /** The properties of a message that brings none of its own. */
  private plain: PublishProperties | undefined = undefined;

  constructor(
    readonly session: BrokerSession,
    readonly subscriptions: ClientSubscription[],
  ) {
    this.qos = 0;
    this.retainAsPublished = false;
    this.noLocal = false;
    for (const subscription of subscriptions) {
      if (subscription.qos > this.qos) this.qos = subscription.qos;
      if (subscription.retainAsPublished) this.retainAsPublished = true;
      if (subscription.noLocal) this.noLocal = true;
      if (subscription.identifier !== 0) (this.identifiers ??= []).push(subscription.identifier);
    }
    if (this.identifiers !== undefined) this.plain = { subscriptionIdentifier: idsOf(this.identifiers) };
  }

  /** Whether messages get properties of this session's own. */
  get isMarked(): boolean {
    return this.plain !== undefined;
  }

  /** The properties of a message with the subscription identifiers [MQTT-3.3.4-3]. */
  propertiesFor(properties: PublishProperties | undefined): PublishProperties | undefined {
    return properties === undefined || this.plain === undefined
      ? (properties ?? this.plain)
      : { ...properties, ...this.plain };
  }

  /** How the session gets what it published itself [MQTT-3.8.3-3]; undefined when not at all. */
  ofOwn(): Route | undefined {
    const others = this.subscriptions.filter(({ noLocal }) => !noLocal);
    return others.length === 0 ? undefined : new Route(this.session, others);
  }
}

/** Who gets a topic. */
export class Routes {
  readonly direct: Route[] = [];
  readonly shared: SharedGroup[] = [];
  /** A subscription has changed since. */
  stale = false;

  constructor(found: readonly (ClientSubscription | SharedGroup)[]) {
    const bySession = new Map<BrokerSession, ClientSubscription[]>();
    for (const one of found) {
      if (!(one instanceof ClientSubscription)) {
        this.shared.push(one);
        continue;
      }
      const others = bySession.get(one.session);
      if (others === undefined) bySession.set(one.session, [one]);
      else others.push(one);
    }
    for (const [session, subscriptions] of bySession) this.direct.push(new Route(session, subscriptions));
  }
}

function idsOf(identifiers: readonly number[]): number | readonly number[] {
  const [first = 0] = identifiers;
  return identifiers.length === 1 ? first : identifiers;
}
