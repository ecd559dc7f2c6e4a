import { Subject } from 'rxjs';
import type { MqttError } from '../errors.js';
import type { ProtocolVersion } from '../packet/packets.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import type { ConnectedClient } from './access/connected-client.js';

/**
 * How a connection ended:
 * - `disconnect`: the client said goodbye, with its reason code;
 * - `lost`: the line broke, the client closed it without DISCONNECT, or it was silent for too long (0x8D);
 * - `taken-over`: another connection uses its client identifier (0x8E);
 * - `protocol-error`: the client broke the protocol; the code says how;
 * - `kicked`: the broker ended it: by `disconnectClient()` or `endSession()` (0x98), because its principal ended
 *   (0x87), it took nothing (0x97), or the broker closes (0x8B).
 */
export type DisconnectKind = 'disconnect' | 'lost' | 'taken-over' | 'protocol-error' | 'kicked';

/** A client whose connection has ended. */
export interface DisconnectedEvent {
  /** Whose connection it was. */
  readonly client: ConnectedClient;
  /** How it ended. */
  readonly how: DisconnectKind;
  /** The reason code of the broker or the client; 0 for a normal disconnect, and for a lost connection. */
  readonly reasonCode: number;
}

/** A CONNECT that was refused. */
export interface RefusedEvent {
  /** As the client sent it, or as `authenticate` named it; undefined when CONNECT could not be read. */
  readonly clientId: string | undefined;
  /** The user name, the same way; undefined without one. */
  readonly username: string | undefined;
  /** Undefined when CONNECT could not be read. */
  readonly protocolVersion: ProtocolVersion | undefined;
  /** Its address; undefined when the transport has none. */
  readonly address: string | undefined;
  /** The listener that accepted the connection, such as `ws://127.0.0.1:8083/mqtt`. */
  readonly listener: string;
  /** The reason code of MQTT 5, whatever the client speaks. */
  readonly reasonCode: number;
  /** Why, for people. */
  readonly reason: string;
}

/** A message that was accepted. */
export interface PublishedEvent {
  /** Undefined when the broker's process published it. */
  readonly clientId: string | undefined;
  /** The message as a packet, after interceptors. */
  readonly message: PublishPacket;
}

/** One filter of a SUBSCRIBE. */
export interface SubscribedEvent {
  /** Who subscribed. */
  readonly client: ConnectedClient;
  /** With `$share/<group>/` for a shared subscription, and the mount point of the client. */
  readonly filter: string;
  /** The granted QoS, or the reason code of the refusal. */
  readonly reasonCode: number;
}

/** The events of one broker, for the application. */
export class BrokerEvents {
  readonly connected = new Subject<ConnectedClient>();
  readonly disconnected = new Subject<DisconnectedEvent>();
  readonly refused = new Subject<RefusedEvent>();
  readonly published = new Subject<PublishedEvent>();
  readonly subscribed = new Subject<SubscribedEvent>();
  readonly faults = new Subject<MqttError>();

  complete(): void {
    this.connected.complete();
    this.disconnected.complete();
    this.refused.complete();
    this.published.complete();
    this.subscribed.complete();
    this.faults.complete();
  }
}
