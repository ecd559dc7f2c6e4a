import { Subject } from 'rxjs';
import type { MqttError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { ConnectedClient } from './access/connected-client.js';

/** A client whose connection has ended. */
export interface DisconnectedEvent {
  readonly client: ConnectedClient;
  /** The reason code of the broker or the client; 0 for a normal disconnect, and for a lost connection. */
  readonly reasonCode: number;
}

/** A message that was accepted. */
export interface PublishedEvent {
  /** Undefined when the broker's process published it. */
  readonly clientId: string | undefined;
  readonly message: PublishPacket;
}

/** One filter of a SUBSCRIBE. */
export interface SubscribedEvent {
  readonly client: ConnectedClient;
  readonly filter: string;
  /** The granted QoS, or the reason code of the refusal. */
  readonly reasonCode: number;
}

/** The events of one broker, for the application. */
export class BrokerEvents {
  readonly connected = new Subject<ConnectedClient>();
  readonly disconnected = new Subject<DisconnectedEvent>();
  readonly published = new Subject<PublishedEvent>();
  readonly subscribed = new Subject<SubscribedEvent>();
  readonly faults = new Subject<MqttError>();

  complete(): void {
    this.connected.complete();
    this.disconnected.complete();
    this.published.complete();
    this.subscribed.complete();
    this.faults.complete();
  }
}
