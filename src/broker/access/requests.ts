import type { ProtocolVersion, QoS } from '../../packet/packets.js';
import type { PublishProperties } from '../../packet/property-types.js';
import type { ClientPrincipal } from './client-principal.js';
import type { ConnectedClient } from './connected-client.js';
import type { Decision } from './hook-chain.js';

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
 * What an authorizer of publishes decides on. The topic is the broker's: with the mount point of its client. A will is checked twice: when its client connects, and when it is
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
  /** As the client sent it, including `$share/<group>/`, with its mount point behind that. */
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
