import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  endWith,
  finalize,
  ignoreElements,
  last,
  merge,
  Observable,
  startWith,
  switchMap,
  takeUntil,
  takeWhile,
  tap,
  timeout,
  type SchedulerAction,
} from 'rxjs';
import { MqttError, ProtocolError, TimeoutError } from '../errors.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { acknowledge } from '../session/acknowledge.js';
import { AckLane } from '../session/ack-lane.js';
import { receive } from '../session/receive.js';
import type { AcceptedConnection } from '../transport/transport.js';
import { acceptPublish } from './accept-publish.js';
import { admit } from './admission.js';
import { arrivals, type Arrival } from './arrival.js';
import type { BrokerCore } from './broker-core.js';
import type { Client } from './client.js';
import { control } from './control.js';

/** The conversation has ended, though the socket may still be open. */
const OVER = Symbol('over');

/**
 * One client from its first byte to its last: CONNECT in time, admission, then its packets for as long as they come.
 * Never emits, never errors, whatever the client does; completes when the socket has closed.
 */
export function serveClient(connection: AcceptedConnection, listener: string, core: BrokerCore): Observable<never> {
  const { limits } = core;
  const conversation$ = arrivals(connection, limits.packetSize).pipe(
    switchMap((arrival) =>
      admit(arrival, listener, core).pipe(
        switchMap((client) => (client === undefined ? EMPTY : converse(client, arrival, core))),
        endWith(OVER),
      ),
    ),
    takeWhile((sign) => sign !== OVER),
  );
  return concat(
    conversation$.pipe(
      timeout({ first: limits.connectTimeout, with: () => EMPTY }),
      catchError(() => EMPTY),
    ),
    closing(connection),
  ).pipe(
    ignoreElements(),
    finalize(() => connection.destroy()),
  );
}

/** Everything between CONNACK and the end of the connection. Emits the client at its beginning. */
function converse(client: Client, { packets }: Arrival, core: BrokerCore): Observable<Client> {
  const { port, session } = client;
  const { connection } = port;
  const acks = new AckLane(port, { openIds: session.openIds });
  const inbound$ = packets.packets$.pipe(
    acknowledge(session.sender),
    control(client, core),
    receive({
      openIds: session.openIds,
      acks,
      port,
      receiveMaximum: client.protocolVersion === 5 ? core.limits.receiveMaximum : 65535,
      topicAliasMaximum: core.limits.topicAliases,
    }),
    acceptPublish(client, acks, core),
    last(null, true),
  );
  const drain$ = connection.drained$.pipe(tap(() => session.sender.pump()));

  return defer(() => {
    enter(client, core);
    return merge(drain$, keepAliveWatch(client), client.departed$).pipe(
      takeUntil(inbound$),
      catchError((error: unknown) => {
        part(client, error, core);
        return EMPTY;
      }),
      finalize(() => leave(client, core)),
      ignoreElements(),
      startWith(client),
    );
  });
}

function enter(client: Client, core: BrokerCore): void {
  core.clients.set(client.clientId, client);
  core.sessions.attach(client.session, client);
  core.connected.next(client);
}

function leave(client: Client, core: BrokerCore): void {
  if (core.clients.get(client.clientId) === client) core.clients.delete(client.clientId);
  core.sessions.release(client);
  core.disconnected.next({ client, reasonCode: client.endCode });
}

/** Tells the client why, where there is something to tell [MQTT-4.13.1-1]. */
function part(client: Client, error: unknown, core: BrokerCore): void {
  if (error instanceof ProtocolError) core.counters.protocolErrors++;
  const code = error instanceof MqttError ? (error.reasonCode ?? 0) : ReasonCode.UNSPECIFIED_ERROR;
  client.endCode = code;
  client.port.part(code);
}

/** Closes our side, and waits for the other to close as well. */
function closing(connection: AcceptedConnection): Observable<never> {
  return defer(() => {
    connection.end();
    return connection.incoming$;
  }).pipe(
    ignoreElements(),
    catchError(() => EMPTY),
  );
}

/** Errors when nothing has come from the client for one and a half times its keep-alive [MQTT-3.1.2-22]. */
function keepAliveWatch({ keepalive, port }: Client): Observable<never> {
  return new Observable<never>((subscriber) => {
    if (keepalive === 0) return undefined;
    const patience = keepalive * 1500;
    return asyncScheduler.schedule(function (this: SchedulerAction<unknown>) {
      const left = port.connection.lastReceived + patience - asyncScheduler.now();
      if (left > 0) this.schedule(undefined, left);
      else subscriber.error(new TimeoutError('the client was silent', { reasonCode: ReasonCode.KEEP_ALIVE_TIMEOUT }));
    }, patience);
  });
}
