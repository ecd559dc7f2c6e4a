import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpServerLike } from './http-server.js';
import { pathOf, refuseUpgrade } from './web-socket-upgrades.js';

/** Answers the upgrades of one path. */
export type UpgradeHandler = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

type Emit = HttpServerLike['emit'];

const routesOf = new WeakMap<HttpServerLike, UpgradeRoutes>();

/**
 * The paths of an HTTP server whose upgrades are ours. Its other upgrades go to its other listeners.
 *
 * Every listener of `upgrade` gets every upgrade, and the usual ones (`ws` with a path, `@fastify/websocket`, the
 * WebSocket adapter of NestJS) refuse all paths but their own. So we take ours where the server emits them, and the
 * other listeners never see them.
 */
export class UpgradeRoutes {
  static of(server: HttpServerLike): UpgradeRoutes {
    const known = routesOf.get(server) ?? new UpgradeRoutes(server);
    routesOf.set(server, known);
    return known;
  }

  private readonly handlers = new Map<string, UpgradeHandler>();
  /** What the server had before; set while ours is in its place. */
  private emitBefore: Emit | undefined = undefined;
  private hadOwnEmit = false;
  private readonly emit: Emit = (event, ...args) => {
    if (event === 'upgrade') {
      const [request, socket, head] = args as [IncomingMessage, Socket, Buffer];
      const handler = this.handlers.get(pathOf(request.url ?? '/'));
      if (handler !== undefined) {
        handler(request, socket, head);
        return true;
      }
    }
    return (this.emitBefore as Emit).call(this.server, event, ...args);
  };
  /**
   * Node upgrades a connection only for a server with a listener. An upgrade that is not ours, where there is no other
   * listener, would be left open without an answer.
   */
  private readonly onUpgrade = (_request: unknown, socket: unknown): void => {
    if (this.server.listenerCount('upgrade') > 1) return;
    refuseUpgrade(socket as Socket, '404 Not Found', 'No WebSocket is served at this path.');
  };

  private constructor(private readonly server: HttpServerLike) {}

  has(path: string): boolean {
    return this.handlers.has(path);
  }

  add(path: string, handler: UpgradeHandler): void {
    const { handlers, server } = this;
    handlers.set(path, handler);
    if (handlers.size > 1) return;
    server.on('upgrade', this.onUpgrade);
    if (this.emitBefore !== undefined) return;
    this.hadOwnEmit = Object.hasOwn(server, 'emit');
    this.emitBefore = server.emit;
    server.emit = this.emit;
  }

  remove(path: string): void {
    const { handlers, server } = this;
    handlers.delete(path);
    if (handlers.size > 0) return;
    server.off('upgrade', this.onUpgrade);
    // Something else may have been put in its place since, which calls ours.
    if (server.emit !== this.emit) return;
    if (this.hadOwnEmit) server.emit = this.emitBefore as Emit;
    else Reflect.deleteProperty(server, 'emit');
    this.emitBefore = undefined;
  }
}
