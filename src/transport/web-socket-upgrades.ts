import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { type Accept, clientName, type ListenOptions } from './listen-options.js';
import { SERVER_WRITES } from './server-writes.js';
import { ignoreErrors } from './socket-connection.js';
import { DEFAULT_MAX_PAYLOAD, WebSocketConnection } from './web-socket-connection.js';
import { isOriginAllowed } from './web-socket-origin.js';

/** [MQTT-6.0.0-3] and the name of MQTT 3.1. */
const SUBPROTOCOLS: readonly string[] = ['mqtt', 'mqttv3.1'];

/** Answers upgrade requests with MQTT over WebSocket, or refuses them. */
export class WebSocketUpgrades {
  private readonly server: WebSocketServer;

  constructor(
    private readonly options: ListenOptions,
    private readonly accept: Accept,
  ) {
    this.server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.maxPayload ?? DEFAULT_MAX_PAYLOAD,
      handleProtocols: (offered) => [...offered].find((name) => SUBPROTOCOLS.includes(name)) ?? false,
    });
  }

  /** Every upgrade is answered, and before this returns. */
  answer(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (!isOriginAllowed(request, this.options.origins ?? [])) {
      refuseUpgrade(socket, '403 Forbidden', 'Pages of this origin may not connect.');
    } else if (!offersMqtt(request)) {
      refuseUpgrade(socket, '400 Bad Request', `Offer the sub-protocol ${SUBPROTOCOLS.join(' or ')}.`);
    } else {
      this.server.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = new WebSocketConnection(
          webSocket,
          socket,
          clientName(socket),
          this.options.socket,
          SERVER_WRITES,
        );
        connection.upgrade = { path: request.url ?? '/', headers: request.headers };
        this.accept(connection, socket);
      });
    }
  }
}

/** The path of a request, without its query. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

export function refuseUpgrade(socket: Socket, status: string, text: string): void {
  ignoreErrors(socket);
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${text.length}\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}

function offersMqtt(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol']?.split(',') ?? [];
  return offered.some((name) => SUBPROTOCOLS.includes(name.trim()));
}
