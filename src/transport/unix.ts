import { connect } from 'node:net';
import type { Observable } from 'rxjs';
import { dialSocket } from './dial-socket.js';
import type { Connection, ConnectTarget } from './transport.js';

/** The transport for `unix:/path/to.sock` and `unix:///path/to.sock`. */
export function unix(target: ConnectTarget): Observable<Connection> {
  return dialSocket(target, 'connect', ({ path }) => connect({ path }));
}
