import { connect } from 'node:tls';
import type { Observable } from 'rxjs';
import { dialSocket } from './dial-socket.js';
import { throughProxy } from './proxy.js';
import { routeOptions } from './route-options.js';
import { withTlsFiles } from './tls-files.js';
import { tlsConnectOptions } from './tls-options.js';
import type { Connection, ConnectTarget } from './transport.js';

/** The transport for `mqtts:`, `ssl:` and `tls:` URLs; default port 8883. */
export function tls(target: ConnectTarget): Observable<Connection> {
  return withTlsFiles(target, (complete) =>
    throughProxy(complete, (tunnel) =>
      dialSocket(
        complete,
        'secureConnect',
        ({ host, port }) =>
          connect({
            ...(tunnel === undefined ? { host, port, ...routeOptions(complete.socket) } : { socket: tunnel }),
            ...tlsConnectOptions(complete.tls, host),
          }),
        tunnel !== undefined,
      ),
    ),
  );
}
