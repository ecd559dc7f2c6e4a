import { isObservable, type Observable, Subscription } from 'rxjs';
import type { WillPacket } from '../../packet/packets.js';
import { PublishPacket } from '../../packet/publish-packet.js';
import type { Access } from '../access/access.js';
import { andThen } from '../access/and-then.js';
import { authorizeWill, withoutDelay } from '../access/authorize-will.js';
import type { ConnectedClient } from '../access/connected-client.js';
import { NO_MOUNT_POINT } from '../access/mount-point.js';
import type { PublishRequest } from '../access/requests.js';
import type { BrokerLimits } from '../broker-limits.js';
import type { BrokerCounters } from '../counters.js';
import type { Dispatcher } from '../routing/dispatcher.js';
import type { Recipient } from '../routing/recipient.js';

/** Publishes the wills of clients that are gone, as interceptors make them, if they may still publish. */
export class WillPublisher {
  /** The hooks that are being asked. */
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
    const decision = this.decide(will, from.clientId, sender);
    const finish = (found: WillPacket | number): void => {
      if (typeof found === 'number') {
        this.counters.unauthorized++;
        return;
      }
      const { topic, payload, qos, retain, properties } = found;
      const message = new PublishPacket(topic, payload, qos, retain, false, 0, withoutDelay(properties));
      this.dispatcher.publish(message, from);
    };
    if (!isObservable(decision)) finish(decision);
    else this.asking.add(decision.subscribe(finish));
  }

  /** The broker is closing: no more wills. */
  close(): void {
    this.asking.unsubscribe();
  }

  /** The will as it is to be published, or the reason code of a refusal. */
  private decide(
    will: WillPacket,
    clientId: string,
    sender: ConnectedClient | undefined,
  ): WillPacket | number | Observable<WillPacket | number> {
    const { interceptors } = this.access;
    if (interceptors.publishes.isEmpty) return this.authorize(will, clientId, sender);
    const { topic, payload, qos, retain, properties } = will;
    const message = { topic, payload, qos, retain, properties: withoutDelay(properties) };
    const asked: PublishRequest = { client: sender, clientId, will: true, ...message };
    const { mountPoint = NO_MOUNT_POINT, maxQos = 2 } = sender ?? {};
    const outcome = interceptors.publish(asked, { mountPoint, maxQos, retainAvailable: true });
    return andThen(outcome, (found) =>
      typeof found === 'number' ? found : this.authorize(found === asked ? will : found, clientId, sender),
    );
  }

  private authorize(
    will: WillPacket,
    clientId: string,
    sender: ConnectedClient | undefined,
  ): WillPacket | number | Observable<WillPacket | number> {
    const decision = authorizeWill(will, clientId, sender, this.access, this.limits);
    return andThen(decision, (code) => (code === 0 ? will : code));
  }
}
