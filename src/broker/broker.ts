import type { Observable, Subscription } from 'rxjs';
import type { MqttError } from '../errors.js';
import type { DuplexLike } from '../transport/duplex.js';
import type { HttpServerLike } from '../transport/http-server.js';
import type { AcceptedConnection, Transport } from '../transport/transport.js';
import type { ConnectedClient } from './access/connected-client.js';
import type { Interceptor } from './access/interception.js';
import type { AuthenticateRequest } from './access/requests.js';
import type { BrokerMessage } from './broker-message.js';
import type { AttachOptions } from './connection/attach.js';
import type { ListenerPolicy } from './connection/listener-policy.js';
import type { BrokerCounters } from './counters.js';
import type { DisconnectedEvent, PublishedEvent, RefusedEvent, SubscribedEvent } from './events.js';
import type { SessionInfo } from './session/session-info.js';

/** A connection for {@link Broker.serve}: its listener's name, and the rules for its client, as for a listener. */
export interface ServeInfo extends ListenerPolicy {
  /** The name of the listener that hooks see. Default `'served'`. */
  readonly listener?: string;
  /**
   * The client's address, such as `192.0.2.7:50123`, where its stream does not know it: behind a proxy, or in a
   * WebSocket of `ws`. Hooks see it, and limits count by it. Default: that of the socket; a `Connection` has its own.
   */
  readonly address?: string;
  /**
   * The client's TLS certificate, where its stream does not know it. Default: that of the socket; a `Connection` has
   * its own.
   */
  readonly certificate?: unknown;
  /** Path and query of the upgrade, as `authenticate` sees them: `request.url` of a WebSocket. Default: none. */
  readonly path?: string;
  /**
   * Headers of the upgrade, with names in lower case, as `authenticate` sees them: `request.headers`. Their `origin` is
   * told, and not checked. Default: none.
   */
  readonly headers?: AuthenticateRequest['headers'];
}

/** A running broker. */
export interface Broker {
  /**
   * The bound addresses in the order of the listeners: `tcp://127.0.0.1:43211`. Rejects with `ConnectError` when one
   * cannot be bound; then none is. With a store it settles once the store is loaded, and rejects with an `MqttError` of
   * code `STORE` when loading fails.
   */
  readonly listening: Promise<readonly string[]>;
  /** The same as an Observable: one value, then completion. */
  readonly listening$: Observable<readonly string[]>;
  /** The connected clients by client identifier: now, and after each change. */
  readonly clients$: Observable<ReadonlyMap<string, ConnectedClient>>;
  /** Each client after its CONNACK; hot. This stream and the others complete with `close()`. */
  readonly connected$: Observable<ConnectedClient>;
  /** Each client after its connection has ended; hot. */
  readonly disconnected$: Observable<DisconnectedEvent>;
  /**
   * Each CONNECT that was refused: who, from where, and why; hot. Sockets above `limits.connections` are counted alone.
   */
  readonly refused$: Observable<RefusedEvent>;
  /**
   * All sessions by client identifier, with and without a connection: now, and after changes, at most once a second. It
   * costs a look at each session while it is observed, and nothing otherwise. With a store, sessions are known once it
   * was loaded.
   */
  readonly sessions$: Observable<ReadonlyMap<string, SessionInfo>>;
  /** Each accepted message, before its subscribers receive it; hot and synchronous. */
  readonly published$: Observable<PublishedEvent>;
  /** Each filter of each SUBSCRIBE, with the answer; hot. */
  readonly subscribed$: Observable<SubscribedEvent>;
  /**
   * Faults of the store, as `MqttError` of code `STORE`, and of hooks, of code `HOOK_FAILED`; hot. A damaged record is
   * set aside, and the broker goes on without it. A failed write ends the broker, because it must not acknowledge what
   * it cannot keep. A hook that fails refuses its client for the time being.
   */
  readonly faults$: Observable<MqttError>;
  /** The counters so far; a live view. */
  readonly counters: Readonly<BrokerCounters>;
  /**
   * Serves a connection that something else has accepted: a `Connection`, or a Node stream, such as a socket or what
   * `createWebSocketStream()` of `ws` returns. Unsubscribing cuts it. With a store, it is served once that was loaded.
   * @throws TypeError for what is neither, and for what is unknown in `info`.
   */
  serve(connection: AcceptedConnection | DuplexLike, info?: ServeInfo): Subscription;
  /**
   * Serves MQTT over WebSocket at a path of a server of `node:http` or `node:https`, beside what Express, Fastify or
   * NestJS do there; other upgrades are left alone. Limits, origins and hooks are as for a WebSocket listener; the
   * listener that hooks see is `ws://127.0.0.1:3000/mqtt`. Unsubscribing, as `close()`, ends the connections in order
   * (0x8B on MQTT 5), and the server runs on. Close the broker first: an HTTP server waits for its connections.
   * @throws TypeError for what is no HTTP server, MqttError for a path that a broker is attached to, ClosedError after
   * `close()`.
   */
  attach(server: HttpServerLike, options: AttachOptions): Subscription;
  /**
   * Dials this broker inside the process, whatever the URL:
   * `connect({ url: 'mqtt://here', transport: broker.transport })`.
   */
  readonly transport: Transport;
  /**
   * Sees, changes or refuses what clients do, until it is unsubscribed: after `authenticate` and before the
   * authorizers. Several run in the order in which they were added, each on what the one before has made. See
   * {@link Interceptor}.
   * @throws TypeError for what is unknown or no function.
   */
  intercept(interceptor: Interceptor): Subscription;
  /**
   * Publishes from the process of the broker, at once and without asking interceptors and authorizers; with a store,
   * once that was loaded.
   * @throws PublishError when the message could not be sent to any client, ClosedError after `close()`.
   */
  publish(message: BrokerMessage): void;
  /**
   * Ends the connection of a client; on MQTT 5 with DISCONNECT and the reason code, 0x98 by default.
   * @returns whether the client was connected.
   * @throws TypeError for a reason code that a server may not send in DISCONNECT.
   */
  disconnectClient(clientId: string, reasonCode?: number): boolean;
  /**
   * Ends a session with its subscriptions and queue, after its connection, if it has one (0x98). Its identifier is free
   * for any user then.
   * @returns whether there was one. With a store, sessions are known once it was loaded.
   */
  endSession(clientId: string): boolean;
  /**
   * Removes a subscription from a session, connected or not. What already waits for the client is still sent; see
   * `authorizeDelivery`.
   * @param filter - as the client sent it, with its mount point.
   * @returns whether there was one.
   */
  unsubscribe(clientId: string, filter: string): boolean;
  /** Destroys the socket of a client, or of all clients, without DISCONNECT, as a network failure does. */
  dropConnections(clientId?: string): void;
  /**
   * Disconnects all clients (0x8B on MQTT 5), publishes no wills, and closes the listeners. Settles when all sockets
   * are closed; sockets still open after 2.5 s are destroyed. Returns the same promise each time.
   */
  close(): Promise<void>;
  /** Closes the broker at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}
