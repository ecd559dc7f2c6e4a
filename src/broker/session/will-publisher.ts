import type { WillPacket } from '../../packet/packets.js';
import { PublishPacket } from '../../packet/publish-packet.js';
import type { Access } from '../access/access.js';
import type { BrokerCounters } from '../counters.js';
import type { Dispatcher } from '../routing/dispatcher.js';
import type { Recipient } from '../routing/recipient.js';

/** Publishes the wills of clients that are gone, if they may publish. */
export class WillPublisher {
  private closed = false;

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly access: Access,
    private readonly counters: BrokerCounters,
  ) {}

  publish({ topic, payload, qos, retain, properties }: WillPacket, from: Recipient): void {
    if (this.closed) return;
    const { willDelayInterval: _, ...rest } = properties ?? {};
    const some = Object.keys(rest).length === 0 ? undefined : rest;
    const message = new PublishPacket(topic, payload, qos, retain, false, 0, some);
    const { clientId } = from;
    const request = { client: undefined, clientId, topic, payload, qos, retain, properties: some };
    const decision = this.access.authorizePublish?.decide(request) ?? 0;
    const publish = (code: number): void => {
      if (code === 0) this.dispatcher.publish(message, from);
      else this.counters.unauthorized++;
    };
    if (typeof decision === 'number') publish(decision);
    else decision.subscribe(publish);
  }

  /** The broker is closing: no more wills. */
  close(): void {
    this.closed = true;
  }
}
