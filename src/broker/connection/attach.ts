import type { Subscription } from 'rxjs';
import { ReasonCode } from '../../packet/reason-codes.js';
import { checkOptions, type Checks, list, text, that, wrong } from '../../options/check-options.js';
import { attach } from '../../transport/attach.js';
import { type HttpServerLike, isHttpServer } from '../../transport/http-server.js';
import type { AcceptedConnection } from '../../transport/transport.js';
import type { BrokerContext } from './broker-context.js';
import type { Connections } from './connections.js';
import { type ConnectionPolicy, POLICY_CHECKS, policyOf } from './listener-policy.js';
import type { ListenerOptions } from './listeners.js';

/** Where a broker is attached to an HTTP server: what a listener takes, with a path in the place of its URL. */
export interface AttachOptions extends Omit<ListenerOptions, 'url' | 'tls'> {
  /** The path of the upgrade requests that are for MQTT, such as `/mqtt`. Their query does not count. */
  readonly path: string;
}

const OPTIONS: Checks<AttachOptions> = {
  path: that((value) => typeof value === 'string' && /^\/[^?#\s]*$/.test(value), 'a path such as /mqtt', true),
  origins: list(text, 'origins'),
  ...POLICY_CHECKS,
};

/** The broker, as attached HTTP servers see it. */
export interface AttachPort {
  readonly connections: Connections;
  /** BrokerOptions.origins. */
  readonly origins: readonly string[] | undefined;
  /** Serves a connection as soon as the broker can. */
  readonly serve: (connection: AcceptedConnection, listener: string, policy: ConnectionPolicy) => Subscription;
}

/**
 * Serves MQTT over WebSocket at a path of an HTTP server, which goes on doing all else. Unsubscribing gives up the
 * path, and ends its connections in order.
 *
 * @throws TypeError for what is no HTTP server, and for an option that cannot be used; MqttError for a path that is
 * taken.
 */
export function attachTo(
  server: HttpServerLike,
  given: AttachOptions,
  { connections, origins, serve }: AttachPort,
  { clients, limits }: BrokerContext,
): Subscription {
  if (!isHttpServer(server)) {
    throw wrong(server, 'the server', 'attach', 'what http.createServer() or app.listen() returns');
  }
  const options = checkOptions<AttachOptions>(given, OPTIONS, 'attach');
  if (options.path === undefined) throw new TypeError('attach: path is missing; give a path such as /mqtt');
  const policy = policyOf(options, limits);
  const open = new Set<AcceptedConnection>();
  // A WebSocket message may hold several packets.
  const settings = { origins: options.origins ?? origins, maxPayload: 2 * limits.packetSize, gate: connections };
  const attached = attach(server, options.path, settings, (connection, address) => {
    open.add(connection);
    serve(connection, address, policy).add(() => open.delete(connection));
  });
  attached.add(() => {
    const served = [...clients.values()].filter(({ writer }) => open.has(writer.connection));
    for (const { writer } of served) writer.disconnect(ReasonCode.SERVER_SHUTTING_DOWN);
    // Those that are no clients yet.
    for (const connection of open) connection.end();
  });
  return attached;
}
