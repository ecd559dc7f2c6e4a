import type { ConnectPacket } from '../../packet/packets.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { AuthenticateRequest } from '../access/requests.js';
import type { PacketQueue } from './packet-queue.js';

/** A connection whose first packet was a CONNECT, until that is answered. */
export interface ConnectRequest {
  readonly connection: AcceptedConnection;
  /** The address that took the connection in. */
  readonly listener: string;
  readonly connect: ConnectPacket;
  /** Everything behind it. */
  readonly packets: PacketQueue;
}

/** What hooks are asked about it. */
export function authenticateRequestOf({ connect, connection, listener }: ConnectRequest): AuthenticateRequest {
  const { clientId, username, password, protocolVersion } = connect;
  const { address, certificate } = connection.peer;
  return { clientId, username, password, protocolVersion, address, listener, certificate };
}
