import type { ConnectPacket } from '../../packet/packets.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { BrokerEvents } from '../events.js';
import type { Refused } from './refused.js';

/** Where a refused CONNECT came from. */
export interface RefusedFrom {
  readonly connection: AcceptedConnection;
  readonly listener: string;
  /** Undefined when it could not be read. */
  readonly connect?: ConnectPacket | undefined;
}

/** Tells the application of a refused CONNECT. */
export function reportRefused(
  { refused }: BrokerEvents,
  { connection, listener, connect }: RefusedFrom,
  who: { readonly clientId: string | undefined; readonly username?: string | undefined },
  { reasonCode, why: reason }: Refused,
): void {
  if (!refused.observed) return;
  const { clientId, username } = who;
  const { address } = connection.peer;
  refused.next({
    clientId,
    username,
    protocolVersion: connect?.protocolVersion,
    address,
    listener,
    reasonCode,
    reason,
  });
}
