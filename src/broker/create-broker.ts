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
import { ClosedError } from '../errors.js';
import { allowedReasonCodes, ReasonCode } from '../packet/reason-codes.js';
import { checkOptions, type Checks, isRecord, shown, string, text, that, unchecked } from '../options/check-options.js';
import { memoryPair } from '../transport/memory.js';
import type { AcceptedConnection, Connection } from '../transport/transport.js';
import { displayUrl } from '../transport/url.js';
import type { Broker, ServeInfo } from './broker.js';
import { asPacket } from './broker-message.js';
import { checkBrokerOptions, type BrokerOptions } from './broker-options.js';
import { acceptedFrom } from './connection/accepted-from.js';
import { attachTo } from './connection/attach.js';
import { Connections } from './connection/connections.js';
import { type ConnectionPolicy, POLICY_CHECKS, policyOf } from './connection/listener-policy.js';
import { listenAt } from './connection/listeners.js';
import { EarlyMessages } from './early-messages.js';
import { openRooms, type Rooms } from './rooms.js';
import { sessionStream } from './session-stream.js';
import { restoreSessions } from './storage/restore-sessions.js';
import { sysTopics } from './sys-topics.js';

/** How long clients may take to close after the broker's DISCONNECT, in ms. */
const CLOSE_TIMEOUT = 2500;

const SERVE_CHECKS: Checks<ServeInfo> = {
  listener: text,
  address: text,
  certificate: unchecked,
  path: string,
  headers: that(isRecord, 'an object'),
  ...POLICY_CHECKS,
};

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
  const whenReady = (connection: AcceptedConnection, serveNow: () => Subscription): Subscription =>
    serveAfter(addresses$, work, connection, serveNow);
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
      const packet = asPacket(message);
      if (ending !== undefined) throw new ClosedError(`publish to "${packet.topic}" failed: the broker is closed`);
      early.publish(packet);
    },
    disconnectClient(clientId, reasonCode = ReasonCode.ADMINISTRATIVE_ACTION) {
      string(clientId, 'clientId', 'disconnectClient');
      if (!allowedReasonCodes.disconnect.server.has(reasonCode)) {
        const why = `the reason code is ${shown(reasonCode)}`;
        throw new TypeError(`disconnectClient: ${why}; give one that a server may send in DISCONNECT, such as 0x98`);
      }
      const client = clients.get(clientId);
      client?.writer.disconnect(reasonCode);
      return client !== undefined;
    },
    endSession(clientId) {
      string(clientId, 'clientId', 'endSession');
      return rooms.sessions.end(clientId);
    },
    unsubscribe(clientId, filter) {
      string(clientId, 'clientId', 'unsubscribe');
      string(filter, 'filter', 'unsubscribe');
      return rooms.sessions.unsubscribe(clientId, filter);
    },
    dropConnections(clientId) {
      if (clientId !== undefined) string(clientId, 'clientId', 'dropConnections');
      for (const client of [...clients.values()]) {
        if (clientId === undefined || client.clientId === clientId) client.writer.connection.destroy();
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Serves a connection once the broker is ready, until either has ended. */
function serveAfter(
  ready$: Observable<unknown>,
  work: Subscription,
  connection: AcceptedConnection,
  serveNow: () => Subscription,
): Subscription {
  const serving = new Subscription(() => {
    work.remove(serving);
    connection.destroy();
  });
  serving.add(
    ready$.pipe(take(1)).subscribe(() => {
      const served = serveNow();
      serving.add(served);
      served.add(() => serving.unsubscribe());
    }),
  );
  work.add(serving);
  return serving;
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
