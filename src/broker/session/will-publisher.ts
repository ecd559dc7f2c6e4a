import { Subscription } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import { PublishPacket } from '../../packet/publish-packet.js';
import type { Access } from '../access/access.js';
import { authorizeWill, withoutDelay } from '../access/authorize-will.js';
import type { ConnectedClient } from '../access/connected-client.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { BrokerCounters } from '../counters.js';
import type { Dispatcher } from '../routing/dispatcher.js';
import type { Recipient } from '../routing/recipient.js';

/** Publishes the wills of clients that are gone, if they may still publish. */
export class WillPublisher {
  /** The authorizers that are being asked. */
  private readonly asking = new Subscription();

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly access: Access,
    private readonly limits: BrokerLimits,
    private readonly counters: BrokerCounters,
  ) {}

  /** @param sender - the client as it connected, if it is known. */
  publish(will: WillPacket, from: Recipient, sender: ConnectedClient | undefined): void {
    if (this.asking.closed) return;
    const { topic, payload, qos, retain, properties } = will;
    const decision = authorizeWill(will, from.clientId, sender, this.access, this.limits);
    const publish = (code: number): void => {
      if (code !== 0) {
        this.counters.unauthorized++;
        return;
      }
      const message = new PublishPacket(topic, payload, qos, retain, false, 0, withoutDelay(properties));
      this.dispatcher.publish(message, from);
    };
    if (typeof decision === 'number') publish(decision);
    else this.asking.add(decision.subscribe(publish));
  }

  /** The broker is closing: no more wills. */
  close(): void {
    this.asking.unsubscribe();
  }
}
