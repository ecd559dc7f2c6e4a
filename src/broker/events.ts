import { Subject } from 'rxjs';
import type { MqttError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { ConnectedClient } from './access/connected-client.js';

/** A client whose connection ended. */
export interface DisconnectedEvent {
  readonly client: ConnectedClient;
  /** The reason code that the broker or the client gave; 0 for a plain goodbye, and where the line was lost. */
  readonly reasonCode: number;
}

/** A message that was accepted. */
export interface PublishedEvent {
  /** Undefined for what the process of the broker published. */
  readonly clientId: string | undefined;
  readonly message: PublishPacket;
}

/** A filter that was asked for. */
export interface SubscribedEvent {
  readonly client: ConnectedClient;
  readonly filter: string;
  /** The QoS that was granted, or the reason code of the refusal. */
  readonly reasonCode: number;
}

/** What the rooms of one broker tell the application. */
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
