import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { Observable, Subject } from 'rxjs';
import { listenFailure } from './failures.js';
import { clientName, SERVER_BLOCK_SIZE, tlsServerOptions } from './listen-options.js';
import type { Accept, ListenOptions } from './listen-options.js';
import { SocketConnection } from './socket-connection.js';
import type { AcceptedConnection } from './transport.js';
import { displayUrl, unsupportedScheme } from './url.js';
import { type BrokerUrl, parseUrl } from './broker-url.js';
import { webSocketServer } from './websocket-listener.js';

/** A bound listener. */
export interface Listening {
  /** The URL with the port that was bound: `tcp://127.0.0.1:43211`, `ws://127.0.0.1:1234/mqtt`. */
  readonly address: string;
  /** The connections as they are accepted; hot. Those that nobody observes are closed. */
  readonly connections$: Observable<AcceptedConnection>;
}

/**
 * Listens at a URL: `tcp:` and `mqtt:`, `tls:`, `ssl:` and `mqtts:`, `ws:` and `wss:` (at the path of the URL; at any
 * when it has none), `unix:`. Port 0 takes a free one.
 *
 * Subscribing binds, and emits once that is done; errors with a `ConnectError` when it cannot be. Unsubscribing stops
 * listening and destroys the connections.
 */
export function listen(address: string, options: ListenOptions = {}): Observable<Listening> {
  return new Observable((subscriber) => {
    const accepted = new Subject<AcceptedConnection>();
    const open = new Set<AcceptedConnection>();
    const sockets = new Set<Socket>();
    let url: BrokerUrl;
    let server: Server;
    try {
      url = parseUrl(address);
      server = createListener(url, options, (connection, socket) => {
        open.add(connection);
        socket.once('close', () => open.delete(connection));
        if (accepted.observed) accepted.next(connection);
        else connection.destroy();
      });
    } catch (cause) {
      subscriber.error(listenFailure(displayUrl(address), cause));
      return undefined;
    }

    // Also those that are still in a handshake, which no connection stands for yet.
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('error', (cause) => subscriber.error(listenFailure(url.display, cause)));
    server.on('listening', () => {
      subscriber.next({ address: boundAddress(url, server), connections$: accepted.asObservable() });
    });
    if (url.scheme === 'unix') server.listen(url.path);
    else server.listen(url.port, url.host);

    return () => {
      server.close();
      for (const connection of open) connection.destroy();
      for (const socket of sockets) socket.destroy();
      accepted.complete();
    };
  });
}

function createListener(url: BrokerUrl, options: ListenOptions, accept: Accept): Server {
  const onSocket = (socket: Socket): void => {
    accept(new SocketConnection(socket, clientName(socket), options.socket, SERVER_BLOCK_SIZE), socket);
  };
  switch (url.scheme) {
    case 'tcp':
    case 'mqtt':
    case 'unix':
      return createServer(onSocket);
    case 'tls':
    case 'ssl':
    case 'mqtts':
      return createSecureServer(tlsServerOptions(options.tls), onSocket);
    case 'ws':
    case 'wss':
      return webSocketServer(url, options, accept);
    default:
      throw unsupportedScheme(url.href, ['tcp', 'mqtt', 'tls', 'ssl', 'mqtts', 'ws', 'wss', 'unix'], ' by listeners');
  }
}

/** The URL that was given, with the port that it got. */
function boundAddress(url: BrokerUrl, server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return url.href;
  const host = url.host.includes(':') ? `[${url.host}]` : url.host;
  return `${url.scheme}://${host}:${bound.port}${url.path === '/' ? '' : url.path}`;
}
