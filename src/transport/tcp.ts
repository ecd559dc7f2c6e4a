import { connect } from 'node:net';
import type { TcpNetConnectOpts } from 'node:net';
import type { Observable } from 'rxjs';
import { dialSocket } from './dial-socket.js';
import type { Connection, ConnectTarget, SocketOptions } from './transport.js';

/** The transport for `mqtt:` and `tcp:` URLs; default port 1883. */
export function tcp(target: ConnectTarget): Observable<Connection> {
  return dialSocket(target, 'connect', ({ host, port }) => connect({ host, port, ...routeOptions(target.socket) }));
}

/** The socket options that select the route to the peer. */
export function routeOptions(options: SocketOptions = {}): Pick<TcpNetConnectOpts, 'family' | 'localAddress'> {
  return {
    ...(options.family === undefined ? {} : { family: options.family }),
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  };
}
