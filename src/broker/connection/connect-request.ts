import type { ConnectPacket } from '../../packet/packets.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { AuthenticateRequest } from '../access/requests.js';
import type { ConnectionPolicy } from './listener-policy.js';
import type { PacketQueue } from './packet-queue.js';
import type { ReadGate } from './read-gate.js';

/** A connection whose CONNECT is being answered. */
export interface ConnectRequest {
  readonly connection: AcceptedConnection;
  /** The address of the listener. */
  readonly listener: string;
  readonly policy: ConnectionPolicy;
  readonly connect: ConnectPacket;
  /** Packets after the CONNECT. */
  readonly packets: PacketQueue;
  readonly gate: ReadGate;
}

const NO_HEADERS: AuthenticateRequest['headers'] = Object.freeze({});

/** The question to the authenticator. */
export function authenticateRequestOf({ connect, connection, listener }: ConnectRequest): AuthenticateRequest {
  const { clientId, username, password, protocolVersion } = connect;
  const { address, certificate } = connection.peer;
  const { path, headers = NO_HEADERS } = connection.upgrade ?? {};
  const origin = headers['origin'] as string | undefined;
  return { clientId, username, password, protocolVersion, address, listener, certificate, origin, path, headers };
}
