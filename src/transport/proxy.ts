import type { Socket } from 'node:net';
import { defer, Observable, switchMap } from 'rxjs';
import { parseUrl } from './broker-url.js';
import { httpTunnel } from './http-tunnel.js';
import { parseProxy, proxyOfEnvironment, type ProxyUrl } from './proxy-url.js';
import { ignoreErrors } from './socket-connection.js';
import { StageDeadline } from './stage-deadline.js';
import type { Connection, ConnectTarget } from './transport.js';
import type { Tunnel, TunnelRequest } from './tunnel.js';

/** Dials through the proxy that the target names. `dial` gets the open tunnel, or undefined if there is no proxy. */
export function throughProxy(
  target: ConnectTarget,
  dial: (socket: Socket | undefined) => Observable<Connection>,
): Observable<Connection> {
  if (target.proxy === undefined) return dial(undefined);
  return defer(() => {
    const url = parseUrl(target.url);
    const proxy = target.proxy === 'env' ? proxyOfEnvironment(url, process.env) : parseProxy(target.proxy ?? '');
    if (proxy === undefined) return dial(undefined);
    const where = `${url.display} through the proxy ${proxy.display}`;
    const { host, port } = url;
    return inTime(tunnelOf(proxy), { target, proxy, host, port, where }).pipe(switchMap(dial));
  });
}

function tunnelOf({ scheme }: ProxyUrl): Tunnel {
  if (scheme !== 'socks5') return httpTunnel;
  // Few applications use it, and it needs a package that may not be installed.
  return (request) =>
    defer(() => import('./socks-tunnel.js')).pipe(switchMap(({ socksTunnel }) => socksTunnel(request)));
}

/** Opens the tunnel within `timeouts.proxy`, and keeps it open until unsubscribed. */
function inTime(tunnel: Tunnel, request: TunnelRequest): Observable<Socket> {
  return new Observable<Socket>((subscriber) => {
    const deadline = new StageDeadline(request.target.timeouts, request.where, (error) => subscriber.error(error));
    deadline.enter('Proxy');
    subscriber.add(() => deadline.stop());
    subscriber.add(
      tunnel(request).subscribe({
        next: (socket) => {
          deadline.stop();
          // The new owner listens for errors; they no longer matter here.
          ignoreErrors(socket);
          subscriber.next(socket);
        },
        error: (error: unknown) => subscriber.error(error),
      }),
    );
  });
}
