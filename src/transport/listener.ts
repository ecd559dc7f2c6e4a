import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import { Observable, Subject } from 'rxjs';
import { PendingHandshakes } from './pending-handshakes.js';
import { listenFailure } from './failures.js';
import { clientName, tlsServerOptions } from './listen-options.js';
import type { Accept, ListenOptions } from './listen-options.js';
import { SERVER_WRITES } from './server-writes.js';
import { ignoreErrors, SocketConnection } from './socket-connection.js';
import { removeStaleSocket } from './stale-socket.js';
import type { AcceptedConnection } from './transport.js';
import { displayUrl, unsupportedScheme } from './url.js';
import { type BrokerUrl, inUrl, parseUrl } from './broker-url.js';
import { webSocketServer } from './web-socket-listener.js';

/**
 * How many sockets the kernel may hold until they are accepted, if its own limit allows. A socket that finds no room
 * hangs for seconds, and Node's default of 511 is too small for a fleet that reconnects.
 */
const BACKLOG = 4096;

/** A bound listener. */
export interface Listening {
  /** The URL with the bound port: `tcp://127.0.0.1:43211`, `ws://127.0.0.1:1234/mqtt`. */
  readonly address: string;
  /** The accepted connections; hot. Without an observer they are closed. */
  readonly connections$: Observable<AcceptedConnection>;
}

/**
 * Listens on a URL: `tcp:` and `mqtt:`, `tls:`, `ssl:` and `mqtts:`, `ws:` and `wss:` (on the URL's path, or on any
 * path if it has none), `unix:`. Port 0 picks a free one. The file of a Unix socket is replaced if no process listens
 * there.
 *
 * Subscribing binds, then emits once; errors with a `ConnectError` if binding fails. Unsubscribing stops listening and
 * destroys the connections.
 */
export function listen(address: string, options: ListenOptions = {}): Observable<Listening> {
  return new Observable((subscriber) => {
    const accepted = new Subject<AcceptedConnection>();
    const open = new Map<Socket, AcceptedConnection>();
    /** With the address that each had: a socket that has closed knows it no more. */
    const sockets = new Map<Socket, string | undefined>();
    const { gate } = options;
    const handshakes = new PendingHandshakes(options.handshakeTimeout);
    // Two listeners for all sockets, not two for each: there may be thousands.
    function onSocketClose(this: Socket): void {
      gate?.leave(sockets.get(this));
      sockets.delete(this);
    }
    function onConnectionClose(this: Socket): void {
      open.delete(this);
    }
    let url: BrokerUrl;
    let server: Server;
    try {
      url = parseUrl(address);
      server = createListener(url, options, (connection, socket) => {
        // Refused at the gate.
        if (socket.destroyed) return connection.destroy();
        connection.acceptedAt = handshakes.finish(socket) ?? connection.acceptedAt;
        open.set(socket, connection);
        socket.on('close', onConnectionClose);
        if (accepted.observed) accepted.next(connection);
        else connection.destroy();
      });
    } catch (cause) {
      subscriber.error(listenFailure(displayUrl(address), cause));
      return undefined;
    }

    // Before TLS and HTTP see the socket, and before it becomes a connection.
    server.prependListener('connection', (socket: Socket) => {
      const { remoteAddress } = socket;
      if (gate?.enter(remoteAddress) === false) {
        ignoreErrors(socket);
        socket.destroy();
        return;
      }
      sockets.set(socket, remoteAddress);
      socket.on('close', onSocketClose);
      if (hasHandshake(url)) handshakes.begin(socket);
    });
    const bind = (): void => {
      if (url.scheme === 'unix') server.listen({ path: url.path, backlog: BACKLOG });
      else server.listen({ port: url.port, host: url.host, backlog: BACKLOG });
    };
    const fail = (cause: unknown): void => subscriber.error(listenFailure(url.display, cause));
    let triedAgain = false;
    server.on('error', (cause: NodeJS.ErrnoException) => {
      if (url.scheme !== 'unix' || cause.code !== 'EADDRINUSE' || triedAgain) return fail(cause);
      triedAgain = true;
      subscriber.add(removeStaleSocket(url.path).subscribe((removed) => (removed ? bind() : fail(cause))));
    });
    server.on('listening', () => {
      subscriber.next({ address: boundAddress(url, server), connections$: accepted.asObservable() });
    });
    bind();

    return () => {
      server.close();
      for (const connection of open.values()) connection.destroy();
      for (const socket of sockets.keys()) socket.destroy();
      accepted.complete();
    };
  });
}

function createListener(url: BrokerUrl, options: ListenOptions, accept: Accept): Server {
  const onSocket = (socket: Socket): void => {
    accept(new SocketConnection(socket, clientName(socket), options.socket, SERVER_WRITES), socket);
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

/** Whether a handshake separates accepting a socket from its connection. */
function hasHandshake({ scheme }: BrokerUrl): boolean {
  return scheme !== 'tcp' && scheme !== 'mqtt' && scheme !== 'unix';
}

/** The given URL with the bound port. */
function boundAddress(url: BrokerUrl, server: Server): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return url.href;
  return `${url.scheme}://${inUrl(url.host)}:${bound.port}${url.path === '/' ? '' : url.path}`;
}
