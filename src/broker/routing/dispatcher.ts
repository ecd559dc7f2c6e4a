import type { Subject } from 'rxjs';
import type { PublishPacket } from '../../packet/publish-packet.js';
import { ReasonCode } from '../../packet/reason-codes.js';
import { elapsed } from '../../rx/clock.js';
import type { PublishedEvent } from '../events.js';
import type { Backpressure, Publisher } from './backpressure.js';
import { FanOut } from './fan-out.js';
import type { Recipient, Share } from './recipient.js';
import type { RetainedMessages } from './retained-messages.js';
import type { Route } from './route.js';
import type { SubscriptionIndex } from './subscription-index.js';

/** Delivers messages from publishers to subscribers [MQTT-4.5.0-1]. */
export class Dispatcher {
  constructor(
    private readonly subscriptions: SubscriptionIndex,
    private readonly retained: RetainedMessages,
    private readonly backpressure: Backpressure,
    private readonly published: Subject<PublishedEvent>,
  ) {}

  /**
   * Announces an authorized message, keeps it if it is retained, and delivers it.
   * @param from - receives what the same client gets.
   * @param publisher - paused when subscribers cannot keep up.
   * @returns the reason code of the answer.
   */
  publish(message: PublishPacket, from?: Recipient, publisher?: Publisher): number {
    if (this.published.observed) this.published.next({ clientId: from?.clientId, message });
    const kept = !message.retain || this.retained.keep(message, from?.payer);
    const code = this.distribute(message, from, publisher);
    return kept ? code : ReasonCode.QUOTA_EXCEEDED;
  }

  /**
   * Delivers a message to all matching subscribers.
   * @returns the reason code of the answer: 0x97 when none of them has room for it. One that is full must not stop the
   * publishers of the others.
   */
  distribute(message: PublishPacket, from?: Recipient, publisher?: Publisher): number {
    const { direct, shared } = this.subscriptions.routesOf(message.topic);
    const recipients = direct.length + shared.length;
    if (recipients === 0) return ReasonCode.NO_MATCHING_SUBSCRIBERS;
    let offered = 0;
    let taken = 0;
    const acceptedAt = message.properties?.messageExpiryInterval === undefined ? undefined : elapsed();
    const fanOut = new FanOut(message, acceptedAt);
    for (const route of direct) {
      if (route.noLocal && route.recipient === from) {
        const others = route.withoutNoLocal();
        if (others === undefined) continue;
        offered++;
        if (deliver(fanOut, others)) taken++;
        continue;
      }
      offered++;
      if (deliver(fanOut, route)) taken++;
      this.regulate(route.recipient, publisher);
    }
    for (const group of shared) {
      const member = group.next();
      if (member === undefined) continue;
      offered++;
      if (deliver(fanOut, member, group)) taken++;
      this.regulate(member.recipient, publisher);
    }
    return offered > 0 && taken === 0 ? ReasonCode.QUOTA_EXCEEDED : 0;
  }

  /** Delivers a message that did not reach a member of a shared subscription to the next member [MQTT-4.8.2-5]. */
  redistribute(message: PublishPacket, acceptedAt: number | undefined, { name, filter }: Share): void {
    const group = this.subscriptions.group(name, filter);
    const member = group?.next();
    if (member === undefined) return;
    if (message.properties !== undefined) message.properties = withoutIdentifier(message.properties);
    deliver(new FanOut(message, acceptedAt), member, group);
  }

  private regulate(recipient: Recipient, publisher: Publisher | undefined): void {
    if (publisher !== undefined && recipient.isBehind) this.backpressure.report(recipient, publisher);
  }
}

function deliver(fanOut: FanOut, route: Route, group?: Share): boolean {
  return route.recipient.deliver(fanOut, route.grant(fanOut.message, group));
}

function withoutIdentifier(properties: PublishPacket['properties']): PublishPacket['properties'] {
  if (properties?.subscriptionIdentifier === undefined) return properties;
  const rest = { ...properties };
  delete rest.subscriptionIdentifier;
  return rest;
}
