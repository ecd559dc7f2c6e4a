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

/** What an authorizer of publishes decides on. Wills are checked when they are published. */
export interface PublishRequest {
  /** Undefined for the will of a client that is gone. */
  readonly client: ConnectedClient | undefined;
  readonly clientId: string;
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
  readonly qos: QoS;
}
