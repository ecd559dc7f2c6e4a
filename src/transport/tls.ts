import { connect } from 'node:tls';
import type { Observable } from 'rxjs';
import { dialSocket } from './dial-socket.js';
import { routeOptions } from './tcp.js';
import { tlsConnectOptions } from './tls-options.js';
import type { Connection, ConnectTarget } from './transport.js';

/** The transport for `mqtts:`, `ssl:` and `tls:` URLs; default port 8883. */
export function tls(target: ConnectTarget): Observable<Connection> {
  return dialSocket(target, 'secureConnect', ({ host, port }) =>
    connect({ host, port, ...routeOptions(target.socket), ...tlsConnectOptions(target.tls, host) }),
  );
}
