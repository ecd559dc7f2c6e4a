import { asyncScheduler } from 'rxjs';
import type { PublishProperties } from '../packet/packets.js';
import { PublishPacket } from '../packet/publish-packet.js';
import type { Outgoing } from '../session/outgoing.js';
import { RELIEVED_BELOW, type Backpressure } from './backpressure.js';
import type { BrokerSession } from './broker-session.js';
import { FanOut } from './fan-out.js';
import type { Route } from './routes.js';
import type { SharedGroup } from './shared-group.js';
import type { Subscriptions } from './subscriptions.js';

/** Brings messages from publishers to the sessions that have subscribed to them [MQTT-4.5.0-1]. */
export class Dispatcher {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly backpressure: Backpressure,
  ) {}

  /**
   * Gives a message to everybody who has subscribed to its topic, and tells how many that were.
   * @param from - the session of the publisher.
   */
  publish(message: PublishPacket, from: BrokerSession | undefined): number {
    const { direct, shared } = this.subscriptions.routesOf(message.topic);
    const recipients = direct.length + shared.length;
    if (recipients === 0) return 0;
    const { properties } = message;
    const acceptedAt = properties?.messageExpiryInterval === undefined ? 0 : asyncScheduler.now();
    const fanOut = new FanOut(message, acceptedAt);
    for (const route of direct) {
      if (route.noLocal && route.session === from) {
        const own = route.ofOwn();
        if (own !== undefined) deliver(fanOut, own);
        continue;
      }
      deliver(fanOut, route);
      this.regulate(route.session, from);
    }
    for (const group of shared) {
      const member = group.next();
      if (member === undefined) continue;
      deliver(fanOut, member, group);
      this.regulate(member.session, from);
    }
    return recipients;
  }

  /** Gives a message that a member did not get to the next one of its group. */
  redistribute(message: Outgoing, group: SharedGroup): void {
    const member = group.next();
    if (member === undefined) return;
    const { topic, payload, qos, retain, acceptedAt } = message;
    const properties = withoutIdentifier(message.properties);
    const again = new PublishPacket(topic, payload, qos, retain, false, 0, properties);
    deliver(new FanOut(again, acceptedAt), member, group);
  }

  private regulate(session: BrokerSession, from: BrokerSession | undefined): void {
    const { backlog } = session;
    if (backlog >= RELIEVED_BELOW && from?.client !== undefined) {
      this.backpressure.feel(session, backlog, from.client);
    }
  }
}

function deliver(fanOut: FanOut, route: Route, group?: SharedGroup): void {
  const { message } = fanOut;
  const qos = message.qos < route.qos ? message.qos : route.qos;
  const retain = message.retain && route.retainAsPublished;
  const properties = route.isMarked ? route.propertiesFor(message.properties) : message.properties;
  route.session.deliver(fanOut, qos, retain, properties, group);
}

function withoutIdentifier(properties: PublishProperties | undefined): PublishProperties | undefined {
  if (properties?.subscriptionIdentifier === undefined) return properties;
  const rest = { ...properties };
  delete rest.subscriptionIdentifier;
  return rest;
}
