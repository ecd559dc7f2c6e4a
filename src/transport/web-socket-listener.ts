import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { type Accept, type ListenOptions, tlsServerOptions } from './listen-options.js';
import type { BrokerUrl } from './broker-url.js';
import { pathOf, refuseUpgrade, WebSocketUpgrades } from './web-socket-upgrades.js';

/** An HTTP server that only answers upgrades to MQTT, on the URL's path, or on any path if it has none. */
export function webSocketServer(url: BrokerUrl, options: ListenOptions, accept: Accept): Server {
  const upgrades = new WebSocketUpgrades(options, accept);
  const server = url.scheme === 'wss' ? createSecureServer(tlsServerOptions(options.tls)) : createServer();

  server.on('request', (_request, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain' });
    response.end('MQTT over WebSocket is served here: upgrade the connection.\n');
  });
  server.on('upgrade', (request: IncomingMessage, duplex, head) => {
    const socket = duplex as Socket;
    if (servesPath(url, request.url ?? '/')) upgrades.answer(request, socket, head);
    else refuseUpgrade(socket, '404 Not Found', 'No MQTT is served at this path.');
  });
  return server;
}

function servesPath(url: BrokerUrl, requested: string): boolean {
  const path = pathOf(url.path);
  return path === '/' || path === '' || path === pathOf(requested);
}
