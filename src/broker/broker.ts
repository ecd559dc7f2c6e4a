import {
  concat,
  defer,
  EMPTY,
  firstValueFrom,
  from,
  map,
  merge,
  Observable,
  shareReplay,
  startWith,
  Subscription,
  take,
  tap,
  timer,
} from 'rxjs';
import { ClosedError, type MqttError } from '../errors.js';
import type { PublishPacket } from '../packet/publish-packet.js';
import { allowedReasonCodes, ReasonCode } from '../packet/reason-codes.js';
import { checkOptions, type Checks, shown, string, text, that, unchecked } from '../options/check-options.js';
import type { DuplexLike } from '../transport/duplex.js';
import type { HttpServerLike } from '../transport/http-server.js';
import { memoryPair } from '../transport/memory.js';
import type { AcceptedConnection, Connection, Transport } from '../transport/transport.js';
import { displayUrl } from '../transport/url.js';
import type { ConnectedClient } from './access/connected-client.js';
import type { Interceptor } from './access/interception.js';
import type { AuthenticateRequest } from './access/requests.js';
import { asPacket, type BrokerMessage } from './broker-message.js';
import { checkBrokerOptions, type BrokerOptions } from './broker-options.js';
import { acceptedFrom } from './connection/accepted-from.js';
import { attachTo, type AttachOptions } from './connection/attach.js';
import { Connections } from './connection/connections.js';
import { type ConnectionPolicy, type ListenerPolicy, POLICY_CHECKS, policyOf } from './connection/listener-policy.js';
import { listenAt } from './connection/listeners.js';
import type { BrokerCounters } from './counters.js';
import type { DisconnectedEvent, PublishedEvent, RefusedEvent, SubscribedEvent } from './events.js';
import { openRooms, type Rooms } from './rooms.js';
import type { SessionInfo } from './session/session-info.js';
import { sessionStream } from './session-stream.js';
import { restoreSessions } from './storage/restore-sessions.js';
import { sysTopics } from './sys-topics.js';

/** How long clients may take to close after the broker's DISCONNECT, in ms. */
const CLOSE_TIMEOUT = 2500;

/** What is known of a connection that {@link Broker.serve} is given, and what holds for its client, as for a listener's. */
export interface ServeInfo extends ListenerPolicy {
  /** What the hooks are told as the listener that it came in by. Default `'served'`. */
  readonly listener?: string;
  /**
   * The client's address, such as `192.0.2.7:50123`, where its stream does not know it: behind a proxy, or in a WebSocket of
   * `ws`. Hooks see it, and limits count by it. Default: that of the socket; a `Connection` has its own.
   */
  readonly address?: string;
  /** The client's TLS certificate, where its stream does not know it. Default: that of the socket; a `Connection` has its own. */
  readonly certificate?: unknown;
  /** Path and query of the upgrade, as `authenticate` sees them: `request.url` of a WebSocket. Default: none. */
  readonly path?: string;
  /**
   * Headers of the upgrade, with names in lower case, as `authenticate` sees them: `request.headers`. Their `origin` is told,
   * and not checked. Default: none.
   */
  readonly headers?: AuthenticateRequest['headers'];
}

const SERVE_CHECKS: Checks<ServeInfo> = {
  listener: text,
  address: text,
  certificate: unchecked,
  path: string,
  headers: that((value) => typeof value === 'object', 'an object'),
  ...POLICY_CHECKS,
};

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
  /** Each CONNECT that was refused: who, from where, and why; hot. Sockets above `limits.connections` are counted alone. */
  readonly refused$: Observable<RefusedEvent>;
  /**
   * All sessions by client identifier, with and without a connection: now, and after changes, at most once a second. It costs
   * a look at each session while it is observed, and nothing otherwise. With a store, sessions are known once it was loaded.
   */
  readonly sessions$: Observable<ReadonlyMap<string, SessionInfo>>;
  /** Each accepted message, before its subscribers receive it; hot and synchronous. */
  readonly published$: Observable<PublishedEvent>;
  /** Each filter of each SUBSCRIBE, with the answer; hot. */
  readonly subscribed$: Observable<SubscribedEvent>;
  /**
   * Faults of the store, as `MqttError` of code `STORE`, and of hooks, of code `HOOK_FAILED`; hot. A damaged record is set
   * aside, and the broker goes on without it. A failed write ends the broker, because it must not acknowledge what it
   * cannot keep. A hook that fails refuses its client for the time being.
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
  /** Dials this broker inside the process, whatever the URL: `connect({ url: 'mqtt://here', transport: broker.transport })`. */
  readonly transport: Transport;
  /**
   * Sees, changes or refuses what clients do, until it is unsubscribed: after `authenticate` and before the authorizers.
   * Several run in the order in which they were added, each on what the one before has made. See {@link Interceptor}.
   * @throws TypeError for what is unknown or no function.
   */
  intercept(interceptor: Interceptor): Subscription;
  /**
   * Publishes from the process of the broker, at once and without asking interceptors and authorizers; with a store, once
   * that was loaded.
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
   * Ends a session with its subscriptions and queue, after its connection, if it has one (0x98). Its identifier is free for
   * any user then.
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

/**
 * Starts a broker in this process and returns at once; {@link Broker.listening} tells when clients can connect.
 *
 * @throws TypeError for an option that is unknown or cannot be used, MqttError for a limit that is not a number.
 */
export function createBroker(given: BrokerOptions = {}): Broker {
  const options = checkBrokerOptions(given);
  const rooms = openRooms(options, () => void close());
  const { clients, counters, events, storage } = rooms;
  const connections = new Connections(rooms);
  const work = new Subscription();
  const early = new EarlyMessages((message) => rooms.dispatcher.publish(message));
  const restored$ = defer(() => (storage === undefined ? EMPTY : restoreSessions(storage, rooms))).pipe(
    tap({ complete: () => early.release() }),
  );
  const addresses$ = concat(restored$, listenAt(options, rooms.limits, connections)).pipe(
    shareReplay({ bufferSize: 1, refCount: true }),
  );
  work.add(addresses$.subscribe({ error: () => work.unsubscribe() }));
  const listening = firstValueFrom(addresses$);
  /** Serves a connection once the store is loaded, until either has ended. */
  const whenReady = (connection: AcceptedConnection, serveNow: () => Subscription): Subscription => {
    const serving = new Subscription(() => {
      work.remove(serving);
      connection.destroy();
    });
    serving.add(
      addresses$.pipe(take(1)).subscribe(() => {
        const served = serveNow();
        serving.add(served);
        served.add(() => serving.unsubscribe());
      }),
    );
    work.add(serving);
    return serving;
  };
  const serve = (connection: AcceptedConnection, listener: string, policy?: ConnectionPolicy): Subscription =>
    whenReady(connection, () => connections.serve(connection, listener, policy));
  if (options.sysInterval !== 0) work.add(publishSysTopics(rooms, options.sysInterval ?? 10));

  let ending: Promise<void> | undefined;
  const close = (): Promise<void> => (ending ??= end(rooms, connections, work));
  return {
    listening,
    listening$: from(listening),
    clients$: defer(() =>
      merge(events.connected, events.disconnected).pipe(
        startWith(undefined),
        map(() => new Map(clients)),
      ),
    ),
    connected$: events.connected.asObservable(),
    disconnected$: events.disconnected.asObservable(),
    refused$: events.refused.asObservable(),
    sessions$: sessionStream(rooms.sessions, events),
    published$: events.published.asObservable(),
    subscribed$: events.subscribed.asObservable(),
    faults$: events.faults.asObservable(),
    counters,
    serve: (connection, given) => {
      const info = checkOptions<ServeInfo>(given, SERVE_CHECKS, 'serve');
      const { listener = 'served' } = info;
      return serve(acceptedFrom(connection, listener, info), listener, policyOf(info, rooms.limits));
    },
    attach(server, where) {
      if (ending !== undefined) throw new ClosedError('attaching to an HTTP server failed: the broker is closed');
      const port = {
        connections,
        origins: options.origins,
        serve: (connection: AcceptedConnection, listener: string, policy: ConnectionPolicy) =>
          whenReady(connection, () => connections.serveAccepted(connection, listener, policy)),
      };
      const attached = attachTo(server, where, port, rooms);
      attached.add(() => work.remove(attached));
      work.add(attached);
      return attached;
    },
    transport: ({ url }) =>
      new Observable<Connection>((subscriber) => {
        const [client, server] = memoryPair(displayUrl(url));
        subscriber.add(() => client.destroy());
        serve(server, 'transport');
        subscriber.next(client);
      }),
    intercept: (interceptor) => rooms.access.interceptors.add(interceptor),
    publish(message) {
      if (ending !== undefined) throw new ClosedError(`publish to "${message.topic}" failed: the broker is closed`);
      early.publish(asPacket(message));
    },
    disconnectClient(clientId, reasonCode = ReasonCode.ADMINISTRATIVE_ACTION) {
      if (!allowedReasonCodes.disconnect.server.has(reasonCode)) {
        const why = `the reason code is ${shown(reasonCode)}`;
        throw new TypeError(`disconnectClient: ${why}; give one that a server may send in DISCONNECT, such as 0x98`);
      }
      const client = clients.get(clientId);
      client?.writer.disconnect(reasonCode);
      return client !== undefined;
    },
    endSession: (clientId) => rooms.sessions.end(clientId),
    unsubscribe: (clientId, filter) => rooms.sessions.unsubscribe(clientId, filter),
    dropConnections(clientId) {
      for (const client of [...clients.values()]) {
        if (clientId === undefined || client.clientId === clientId) client.writer.connection.destroy();
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** What the process publishes waits for the store: until then its subscribers are unknown. */
class EarlyMessages {
  private waiting: PublishPacket[] | undefined = [];

  constructor(private readonly send: (message: PublishPacket) => void) {}

  publish(message: PublishPacket): void {
    if (this.waiting === undefined) this.send(message);
    else this.waiting.push(message);
  }

  release(): void {
    const { waiting = [] } = this;
    this.waiting = undefined;
    for (const message of waiting) this.send(message);
  }
}

function publishSysTopics(rooms: Rooms, interval: number): Subscription {
  const { clients, counters, dispatcher, retained, sessions, subscriptions } = rooms;
  const source = {
    counters,
    connectedClients: () => clients.size,
    sessions: () => sessions.size,
    subscriptions: () => subscriptions.size,
    retained: () => retained.size,
  };
  return sysTopics(source, interval).subscribe((message) => {
    retained.keep(message);
    dispatcher.distribute(message);
  });
}

async function end(rooms: Rooms, connections: Connections, work: Subscription): Promise<void> {
  const { backpressure, clients, events, sessions, storage, wills } = rooms;
  wills.close();
  connections.stopAccepting();
  for (const client of [...clients.values()]) {
    client.will = undefined;
    client.writer.disconnect(ReasonCode.SERVER_SHUTTING_DOWN);
  }
  if (connections.size > 0) await firstValueFrom(merge(connections.empty$, timer(CLOSE_TIMEOUT)).pipe(take(1)));
  work.unsubscribe();
  backpressure.close();
  sessions.close();
  await storage?.journal.flush();
  events.complete();
}
