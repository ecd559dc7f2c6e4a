import type { PublishPacket } from '../../packet/publish-packet.js';
import type { PublishProperties, QoS } from '../../packet/packets.js';
import type { Grant, Recipient, Share } from './recipient.js';

/** The options of a subscription that decide how messages reach its recipient. */
export interface Subscribed {
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0 when there is none. */
  readonly identifier: number;
}

/** What most messages are granted, by QoS: one object for all of them. */
const PLAIN: readonly Grant[] = ([0, 1, 2] as const).map((qos) => ({
  qos,
  retain: false,
  properties: undefined,
  group: undefined,
}));

/** How one recipient gets a topic: all its matching subscriptions taken together [MQTT-3.3.4-2] [MQTT-3.3.4-4]. */
export class Route {
  qos: QoS;
  retainAsPublished: boolean;
  noLocal: boolean;
  private identifiers: number[] | undefined = undefined;
  /** The subscription identifiers, as the properties of a message that has none of its own. */
  private plain: PublishProperties | undefined = undefined;

  constructor(
    readonly recipient: Recipient,
    readonly subscriptions: readonly Subscribed[],
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

  /** How the recipient gets this message. */
  grant(message: PublishPacket, group: Share | undefined): Grant {
    const qos = message.qos < this.qos ? message.qos : this.qos;
    const retain = message.retain && this.retainAsPublished;
    const properties = this.plain === undefined ? message.properties : this.propertiesFor(message.properties);
    if (!retain && properties === undefined && group === undefined) return PLAIN[qos] as Grant;
    return { qos, retain, properties, group };
  }

  /** The message's properties plus the subscription identifiers [MQTT-3.3.4-3]. */
  propertiesFor(properties: PublishProperties | undefined): PublishProperties | undefined {
    return properties === undefined || this.plain === undefined
      ? (properties ?? this.plain)
      : { ...properties, ...this.plain };
  }

  /** How the recipient gets its own messages [MQTT-3.8.3-3]; undefined when it does not. */
  withoutNoLocal(): Route | undefined {
    const others = this.subscriptions.filter(({ noLocal }) => !noLocal);
    return others.length === 0 ? undefined : new Route(this.recipient, others);
  }
}

function idsOf(identifiers: readonly number[]): number | readonly number[] {
  const [first = 0] = identifiers;
  return identifiers.length === 1 ? first : identifiers;
}
