import type { Socket } from 'node:net';
import { Subscription } from 'rxjs';
import { ErrorCode, MqttError } from '../errors.js';
import { quoted } from '../quoted.js';
import { inUrl } from './broker-url.js';
import type { HttpServerLike } from './http-server.js';
import type { ListenOptions } from './listen-options.js';
import type { AcceptedConnection } from './transport.js';
import { UpgradeRoutes } from './upgrade-routes.js';
import { refuseUpgrade, WebSocketUpgrades } from './web-socket-upgrades.js';

/**
 * Takes the upgrades to MQTT over WebSocket at one path of an HTTP server, and leaves all else to the server, until
 * unsubscribed. Connections stay open then.
 *
 * @param accept - receives each connection, and the URL at which it came in: `ws://127.0.0.1:3000/mqtt`.
 * @throws MqttError when the path is taken already.
 */
export function attach(
  server: HttpServerLike,
  path: string,
  options: ListenOptions,
  accept: (connection: AcceptedConnection, address: string) => void,
): Subscription {
  const routes = UpgradeRoutes.of(server);
  if (routes.has(path)) {
    const message = `attaching to ${quoted(path)} failed: a broker is attached to this path; take another one`;
    throw new MqttError(message, { code: ErrorCode.INVALID_OPTION });
  }
  const { gate } = options;
  const upgrades = new WebSocketUpgrades(options, (connection, socket) => {
    accept(connection, addressOf(server, socket, path));
  });
  routes.add(path, (request, socket, head) => {
    const { remoteAddress } = socket;
    if (gate?.enter(remoteAddress) === false) {
      return refuseUpgrade(socket, '503 Service Unavailable', 'No connection is free.');
    }
    if (gate !== undefined) socket.once('close', () => gate.leave(remoteAddress));
    upgrades.answer(request, socket, head);
  });
  return new Subscription(() => routes.remove(path));
}

function addressOf(server: HttpServerLike, socket: Socket, path: string): string {
  const scheme = 'encrypted' in socket ? 'wss' : 'ws';
  const bound = server.address();
  if (typeof bound === 'string') return `${scheme}+unix:${bound}:${path}`;
  // A server that was closed has no address, and its connections still have one.
  const { localAddress, localPort } = socket;
  const { address, port } = (bound ?? { address: localAddress, port: localPort }) as { address: string; port: number };
  return `${scheme}://${inUrl(address)}:${port}${path}`;
}
