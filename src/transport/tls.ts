import { connect } from 'node:tls';
import type { Observable } from 'rxjs';
import { dialSocket } from './dial-socket.js';
import { routeOptions } from './tcp.js';
import { tlsConnectOptions } from './tls-options.js';
import type { Connection, ConnectTarget } from './transport.js';

/** The transport of `mqtts:`, `ssl:` and `tls:` URLs; port 8883 unless the URL says another. */
export function tls(target: ConnectTarget): Observable<Connection> {
  return dialSocket(target, 'secureConnect', ({ host, port }) =>
    connect({ host, port, ...routeOptions(target.socket), ...tlsConnectOptions(target.tls, host) }),
  );
}
