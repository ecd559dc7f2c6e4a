import type { ProtocolVersion, QoS } from '../../packet/packets.js';
import type { PublishProperties } from '../../packet/property-types.js';
import type { ConnectedClient } from './connected-client.js';

/** What an authenticator decides on: a CONNECT and its origin. */
export interface AuthenticateRequest {
  /** As the client sent it; empty when the broker assigns one. */
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly protocolVersion: ProtocolVersion;
  readonly address: string | undefined;
  readonly listener: string;
  /** The client's TLS certificate, as `node:tls` returns it; undefined without one. */
  readonly certificate: unknown;
}

/**
 * What an authorizer of publishes decides on. A will is checked twice: when its client connects, and when it is
 * published.
 */
export interface PublishRequest {
  /**
   * Who publishes. For a will, the client as it connected, which may be long gone; undefined only for a will that an
   * earlier version of rxmqtt has stored.
   */
  readonly client: ConnectedClient | undefined;
  readonly clientId: string;
  /** It is the will of the client. */
  readonly will: boolean;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: PublishProperties | undefined;
}

/** What an authorizer of subscriptions decides on: one filter. */
export interface SubscribeRequest {
  readonly client: ConnectedClient;
  readonly clientId: string;
  /** As the client sent it, including `$share/<group>/`. */
  readonly filter: string;
  /** The filter that decides which messages come: without `$share/<group>/`. Compare this one. */
  readonly topicFilter: string;
  /** The group of a shared subscription; undefined for any other. */
  readonly group: string | undefined;
  readonly qos: QoS;
}

/** What `authorizeDelivery` decides on: a message that is about to leave for one client. */
export interface DeliveryRequest {
  readonly client: ConnectedClient;
  readonly clientId: string;
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: PublishProperties | undefined;
}
