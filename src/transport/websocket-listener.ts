import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { clientName, SERVER_BLOCK_SIZE, tlsServerOptions } from './listen-options.js';
import type { Accept, ListenOptions } from './listen-options.js';
import { ignoreErrors } from './socket-connection.js';
import type { BrokerUrl } from './broker-url.js';
import { isOriginAllowed } from './web-socket-origin.js';
import { DEFAULT_MAX_PAYLOAD, WebSocketConnection } from './web-socket-connection.js';

/** [MQTT-6.0.0-3] and the name of MQTT 3.1. */
const SUBPROTOCOLS: readonly string[] = ['mqtt', 'mqttv3.1'];

/** An HTTP server that only answers upgrades to MQTT, on the URL's path, or on any path if it has none. */
export function webSocketServer(url: BrokerUrl, options: ListenOptions, accept: Accept): Server {
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxPayload ?? DEFAULT_MAX_PAYLOAD,
    handleProtocols: (offered) => [...offered].find((name) => SUBPROTOCOLS.includes(name)) ?? false,
  });
  const server = url.scheme === 'wss' ? createSecureServer(tlsServerOptions(options.tls)) : createServer();

  server.on('request', (_request, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain' });
    response.end('MQTT over WebSocket is served here: upgrade the connection.\n');
  });
  server.on('upgrade', (request: IncomingMessage, duplex, head) => {
    const socket = duplex as Socket;
    if (!isOriginAllowed(request, options.origins ?? [])) {
      refuse(socket, '403 Forbidden', 'Pages of this origin may not connect.');
    } else if (!servesPath(url, request.url ?? '/')) {
      refuse(socket, '404 Not Found', 'No MQTT is served at this path.');
    } else if (!offersMqtt(request)) {
      refuse(socket, '400 Bad Request', `Offer the sub-protocol ${SUBPROTOCOLS.join(' or ')}.`);
    } else {
      upgrades.handleUpgrade(request, socket, head, (webSocket) => {
        const where = clientName(socket);
        const connection = new WebSocketConnection(webSocket, socket, where, options.socket, SERVER_BLOCK_SIZE);
        connection.upgrade = { path: request.url ?? '/', headers: request.headers };
        accept(connection, socket);
      });
    }
  });
  return server;
}

function servesPath(url: BrokerUrl, requested: string): boolean {
  const path = pathname(url.path);
  return path === '/' || path === '' || path === pathname(requested);
}

function pathname(path: string): string {
  return path.split('?', 1)[0] ?? '';
}

function offersMqtt(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol']?.split(',') ?? [];
  return offered.some((name) => SUBPROTOCOLS.includes(name.trim()));
}

function refuse(socket: Socket, status: string, text: string): void {
  ignoreErrors(socket);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${text.length}\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}
