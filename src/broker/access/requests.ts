import type { ProtocolVersion, QoS } from '../../packet/packets.js';
import type { PublishProperties } from '../../packet/property-types.js';
import type { ClientPrincipal } from './client-principal.js';
import type { ConnectedClient } from './connected-client.js';
import type { Decision } from './hook-chain.js';

/** What an authenticator decides on: a CONNECT and its origin. */
export interface AuthenticateRequest {
  /** As the client sent it; empty when the broker assigns one. */
  readonly clientId: string;
  /** The user name of CONNECT; undefined without one. */
  readonly username: string | undefined;
  /** The password of CONNECT, as bytes; undefined without one. */
  readonly password: Uint8Array | undefined;
  /** The version of MQTT that the client speaks: 3 (MQTT 3.1), 4 (3.1.1) or 5. */
  readonly protocolVersion: ProtocolVersion;
  /** Its address, such as `127.0.0.1:50123`; undefined when the transport has none. */
  readonly address: string | undefined;
  /** The listener that accepted it, such as `ws://127.0.0.1:8083/mqtt`. */
  readonly listener: string;
  /** The client's TLS certificate, as `node:tls` returns it; undefined without one. */
  readonly certificate: unknown;
  /** The page that connects by WebSocket, such as `https://app.example`; undefined for what is no page. */
  readonly origin: string | undefined;
  /** Path and query of the WebSocket upgrade, such as `/mqtt?tenant=7`; undefined for other transports. */
  readonly path: string | undefined;
  /** Headers of the WebSocket upgrade, with names in lower case; empty for other transports. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What an authenticator answers: a decision, or who the client is, which lets it in. */
export type AuthenticateAnswer = Decision | ClientPrincipal;

/**
 * What an authorizer of publishes decides on. The topic is the broker's: with the mount point of its client. A will is
 * checked twice: when its client connects, and when it is published.
 */
export interface PublishRequest {
  /**
   * Who publishes. For a will, the client as it connected, which may be long gone; undefined only for a will that an
   * earlier version of rxmqtt has stored.
   */
  readonly client: ConnectedClient | undefined;
  /** The identifier of the client that publishes, or whose will it is. */
  readonly clientId: string;
  /** It is the will of the client. */
  readonly will: boolean;
  /** The topic, without wildcards. */
  readonly topic: string;
  /** The payload. Do not write to it: it is the one that subscribers get. */
  readonly payload: Uint8Array;
  /** The QoS at which it was published. */
  readonly qos: QoS;
  /** Whether the broker is to keep it for later subscribers. */
  readonly retain: boolean;
  /** The properties of PUBLISH (MQTT 5), without a topic alias; undefined without any. */
  readonly properties: PublishProperties | undefined;
}

/** What an authorizer of subscriptions decides on: one filter. */
export interface SubscribeRequest {
  /** Who subscribes. */
  readonly client: ConnectedClient;
  /** Its identifier. */
  readonly clientId: string;
  /** As the client sent it, including `$share/<group>/`, with its mount point behind that. */
  readonly filter: string;
  /** The filter that decides which messages come: without `$share/<group>/`. Compare this one. */
  readonly topicFilter: string;
  /** The group of a shared subscription; undefined for any other. */
  readonly group: string | undefined;
  /** The QoS that it asks for. */
  readonly qos: QoS;
}

/** What `authorizeDelivery` decides on: a message that is about to leave for one client. */
export interface DeliveryRequest {
  /** Who is to get the message. */
  readonly client: ConnectedClient;
  /** Its identifier. */
  readonly clientId: string;
  /** The topic, with the mount point of the client. */
  readonly topic: string;
  /** The payload. Do not write to it: other subscribers get the same bytes. */
  readonly payload: Uint8Array;
  /** The QoS at which it leaves: the lower one of message and subscription. */
  readonly qos: QoS;
  /** The RETAIN flag as this client gets it. */
  readonly retain: boolean;
  /** The properties of PUBLISH (MQTT 5); undefined without any. */
  readonly properties: PublishProperties | undefined;
}
