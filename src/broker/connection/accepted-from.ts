import { duplexConnection, type DuplexLike, isDuplex } from '../../transport/duplex.js';
import { SERVER_WRITES } from '../../transport/server-writes.js';
import type { AcceptedConnection, PeerInfo, UpgradeRequest } from '../../transport/transport.js';

/** What is known of a client whose connection something else has accepted. */
export interface KnownOfClient extends Pick<PeerInfo, 'address' | 'certificate'>, Partial<UpgradeRequest> {}

/**
 * The connection over what something else has accepted.
 * @param where - names it in messages.
 * @throws TypeError for what is neither a stream nor a connection.
 */
export function acceptedFrom(
  given: AcceptedConnection | DuplexLike,
  where: string,
  { address, certificate, path, headers }: KnownOfClient,
): AcceptedConnection {
  const what: unknown = given;
  if (typeof what !== 'object' || what === null || !(isDuplex(what) || isConnection(what))) {
    throw new TypeError(
      'serve: this is neither a Node stream nor a connection; give a socket, or createWebSocketStream(webSocket) of ws',
    );
  }
  const peer = { ...(address !== undefined && { address }), ...(certificate !== undefined && { certificate }) };
  const connection = isDuplex(what) ? duplexConnection(what, where, SERVER_WRITES, peer) : what;
  if (path !== undefined || headers !== undefined) connection.upgrade = { path: path ?? '/', headers: headers ?? {} };
  return connection;
}

function isConnection(what: object): what is AcceptedConnection {
  return 'incoming$' in what && 'destroy' in what;
}
