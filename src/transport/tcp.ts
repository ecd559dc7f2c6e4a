import { connect } from 'node:net';
import type { Observable } from 'rxjs';
import { dialSocket } from './dial-socket.js';
import { throughProxy } from './proxy.js';
import { routeOptions } from './route-options.js';
import type { Connection, ConnectTarget } from './transport.js';

/** The transport for `mqtt:` and `tcp:` URLs; default port 1883. */
export function tcp(target: ConnectTarget): Observable<Connection> {
  return throughProxy(target, (tunnel) =>
    dialSocket(
      target,
      'connect',
      ({ host, port }) => tunnel ?? connect({ host, port, ...routeOptions(target.socket) }),
      tunnel !== undefined,
    ),
  );
}
