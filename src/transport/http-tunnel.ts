import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { defer, from, Observable, switchMap } from 'rxjs';
import { printable } from '../quoted.js';
import { inUrl } from './broker-url.js';
import { dialFailure, messageOf } from './failures.js';
import { proxyFailure } from './proxy-failure.js';
import { ignoreErrors } from './socket-connection.js';
import { routeOptions } from './route-options.js';
import { tlsConnectOptions } from './tls-options.js';
import type { Tunnel, TunnelRequest } from './tunnel.js';

/** A tunnel through an HTTP proxy, by CONNECT (RFC 9110, 9.3.6). */
export const httpTunnel: Tunnel = (request) =>
  defer(() => from(request.proxy.scheme === 'https' ? import('node:https') : import('node:http'))).pipe(
    switchMap(({ request: ask }) => connect(request, ask)),
  );

function connect(tunnel: TunnelRequest, ask: (options: RequestOptions) => ClientRequest): Observable<Socket> {
  const { where } = tunnel;
  return new Observable<Socket>((subscriber) => {
    const request = ask(requestOptions(tunnel));
    subscriber.add(() => request.destroy());
    request.on('error', (cause: NodeJS.ErrnoException) => subscriber.error(failureOf(where, cause)));
    request.on('response', (response: IncomingMessage) => subscriber.error(refusalOf(where, response)));
    request.on('connect', (response: IncomingMessage, socket: Socket, head: Buffer) => {
      ignoreErrors(socket);
      subscriber.add(() => socket.destroy());
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) return subscriber.error(refusalOf(where, response));
      if (head.length > 0) socket.unshift(head);
      subscriber.next(socket);
    });
    request.end();
  });
}

function requestOptions({ target, proxy, host, port }: TunnelRequest): RequestOptions {
  const authority = `${inUrl(host)}:${port}`;
  const { username, password = '' } = proxy;
  const credentials = username === undefined ? undefined : Buffer.from(`${username}:${password}`).toString('base64');
  // The TLS options about trust apply to the proxy too.
  const { ca, rejectUnauthorized } = target.tls ?? {};
  const trust = {
    ...(ca === undefined ? {} : { ca }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
  return {
    method: 'CONNECT',
    host: proxy.host,
    port: proxy.port,
    path: authority,
    agent: false,
    headers: {
      Host: authority,
      ...(credentials === undefined ? {} : { 'Proxy-Authorization': `Basic ${credentials}` }),
    },
    ...routeOptions(target.socket),
    ...(proxy.scheme === 'https' ? tlsConnectOptions(trust, proxy.host) : {}),
  };
}

function refusalOf(where: string, { statusCode, statusMessage }: IncomingMessage): Error {
  const status = `HTTP ${statusCode} ${printable(statusMessage ?? '')}`.trim();
  if (statusCode === 407) return proxyFailure(where, status, 'check user name and password in the option proxy');
  const hint = statusCode === 403 ? 'the proxy does not allow this host and port' : 'ask the operator of the proxy';
  return proxyFailure(where, status, hint);
}

function failureOf(where: string, cause: NodeJS.ErrnoException): Error {
  const { code = '' } = cause;
  if (code.startsWith('HPE_')) {
    return proxyFailure(where, `the proxy did not answer in HTTP (${code})`, 'check scheme and port of the proxy');
  }
  if (code === 'ECONNREFUSED') return proxyFailure(where, 'the connection to the proxy was refused', 'is it running?');
  if (code === 'ECONNRESET') {
    return proxyFailure(where, `the proxy closed the connection (${messageOf(cause)})`, 'check scheme and port', cause);
  }
  return dialFailure(where, 'Proxy', cause);
}
