import { connect, type Socket } from 'node:net';
import { from, map, Observable, switchMap } from 'rxjs';
import type { SocksClientOptions } from 'socks';
import { ConnectError, ErrorCode } from '../errors.js';
import { dialFailure, messageOf } from './failures.js';
import { proxyFailure } from './proxy-failure.js';
import { ignoreErrors } from './socket-connection.js';
import { routeOptions } from './route-options.js';
import type { Tunnel, TunnelRequest } from './tunnel.js';

/** When the package gives up, in ms: after `timeouts.proxy` and `connectTimeout`, because their errors say more. */
const PATIENCE = 120_000;

/** A tunnel through a SOCKS 5 proxy (RFC 1928, 1929). The proxy looks up the name of the broker. */
export const socksTunnel: Tunnel = (request) =>
  reachProxy(request).pipe(switchMap((socket) => from(negotiate(request, socket)).pipe(map(() => socket))));

function reachProxy({ target, proxy, where }: TunnelRequest): Observable<Socket> {
  return new Observable<Socket>((subscriber) => {
    const socket = connect({ host: proxy.host, port: proxy.port, ...routeOptions(target.socket) });
    subscriber.add(() => socket.destroy());
    const onError = (cause: NodeJS.ErrnoException): void => {
      const refused = proxyFailure(where, 'the connection to the proxy was refused', 'is it running?');
      subscriber.error(cause.code === 'ECONNREFUSED' ? refused : dialFailure(where, 'Proxy', cause));
    };
    socket.once('error', onError);
    socket.once('connect', () => {
      ignoreErrors(socket);
      socket.off('error', onError);
      subscriber.next(socket);
    });
  });
}

async function negotiate({ proxy, host, port, where }: TunnelRequest, socket: Socket): Promise<void> {
  const { SocksClient } = await loadSocks(where);
  const options: SocksClientOptions = {
    proxy: {
      type: 5,
      host: proxy.host,
      port: proxy.port,
      ...(proxy.username === undefined ? {} : { userId: proxy.username, password: proxy.password ?? '' }),
    },
    command: 'connect',
    destination: { host, port },
    existing_socket: socket,
    timeout: PATIENCE,
  };
  try {
    await SocksClient.createConnection(options);
  } catch (cause) {
    // No cause: the errors of the package carry its options, and the password with them.
    throw proxyFailure(where, messageOf(cause), hintFor(messageOf(cause)));
  }
}

/** In a `try`: bundlers then accept that the package is not installed. */
async function loadSocks(where: string): Promise<typeof import('socks')> {
  try {
    return await import('socks');
  } catch (cause) {
    throw new ConnectError(`connecting to ${where} failed: the package socks is not installed; run npm install socks`, {
      code: ErrorCode.INVALID_OPTION,
      cause,
    });
  }
}

function hintFor(message: string): string {
  if (/authentication/i.test(message)) return 'check user name and password in the option proxy';
  if (/handshake|Socket closed/i.test(message)) return 'check that a SOCKS 5 proxy listens there';
  return 'ask the operator of the proxy';
}
