import type { ProtocolVersion, QoS } from '../../packet/packets.js';
import type { PublishProperties } from '../../packet/property-types.js';
import type { ConnectedClient } from './connected-client.js';

/** What an authenticator is asked about: a CONNECT, and where it came from. */
export interface AuthenticateRequest {
  /** As the client sent it; empty when the broker is to assign one. */
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly protocolVersion: ProtocolVersion;
  readonly address: string | undefined;
  readonly listener: string;
  /** The certificate that the client showed over TLS, as `node:tls` gives it; undefined without one. */
  readonly certificate: unknown;
}

/** What an authorizer of publishes is asked about. Wills are asked about when they are published. */
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

/** What an authorizer of subscriptions is asked about: one filter. */
export interface SubscribeRequest {
  readonly client: ConnectedClient;
  readonly clientId: string;
  /** As the client wrote it, `$share/<group>/` included. */
  readonly filter: string;
  readonly qos: QoS;
}
