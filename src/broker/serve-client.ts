import { asyncScheduler, Observable, Subscription } from 'rxjs';
import { MqttError, ProtocolError, TimeoutError } from '../errors.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { afterElapsed, elapsed } from '../rx/clock.js';
import { acknowledge } from '../session/acknowledge.js';
import { AckQueue } from '../session/ack-queue.js';
import { receive } from '../session/receive.js';
import type { AcceptedConnection } from '../transport/transport.js';
import { acceptPublish } from './accept-publish.js';
import { admit } from './admission.js';
import { arrivals, type Arrival } from './arrival.js';
import type { BrokerCore } from './broker-core.js';
import type { Client } from './client.js';
import { control } from './control.js';
import { DISCONNECT_REASONS, short } from './reason-strings.js';

/**
 * One client from its first byte to its last: CONNECT in time, admission, then its packets for as long as they come.
 * Never emits, never errors, whatever the client does; completes when the socket has closed.
 *
 * There are thousands of these at a time, most of them idle: plain observers here take a fraction of the memory that
 * the same chain of operators would.
 */
export function serveClient(connection: AcceptedConnection, listener: string, core: BrokerCore): Observable<never> {
  return new Observable<never>((subscriber) => {
    const stay = new Subscription();
    const close = (): void => {
      if (stay.closed) return;
      stay.unsubscribe();
      connection.end();
      // Until the other side has closed as well.
      const over = (): void => subscriber.complete();
      subscriber.add(connection.incoming$.subscribe({ error: over, complete: over }));
    };
    const patience = asyncScheduler.schedule(close, core.limits.connectTimeout);
    subscriber.add(() => {
      stay.unsubscribe();
      connection.destroy();
    });
    stay.add(patience);
    stay.add(
      arrivals(connection, core.limits.packetSize).subscribe({
        next(arrival) {
          const admission = admit(arrival, listener, core).subscribe((client) => {
            stay.remove(patience);
            patience.unsubscribe();
            if (client === undefined) return close();
            stay.add(converse(client, arrival, core).subscribe({ complete: close }));
          });
          stay.add(admission);
        },
        complete: close,
      }),
    );
  });
}

/** Everything between CONNACK and the end of the connection. Never emits; completes when the conversation is over. */
function converse(client: Client, { packets }: Arrival, core: BrokerCore): Observable<never> {
  return new Observable<never>((subscriber) => {
    const { port, session } = client;
    const { openIds, stored: log } = session;
    const answers = core.storage?.writeAhead(port) ?? port;
    const acks = new AckQueue(answers, { openIds, log });
    const end = (reason: unknown): void => {
      part(client, reason, core);
      subscriber.complete();
    };
    subscriber.add(() => leave(client, core));
    subscriber.add(client.departed$.subscribe({ error: end }));
    subscriber.add(keepAliveWatch(client).subscribe({ error: end }));
    enter(client, core);
    subscriber.add(port.connection.drained$.subscribe(() => session.drained()));
    subscriber.add(
      packets.packets$
        .pipe(
          acknowledge(session.sender),
          control(client, core),
          receive({
            openIds,
            log,
            acks,
            port: answers,
            receiveMaximum: client.protocolVersion === 5 ? core.limits.receiveMaximum : 65535,
            topicAliasMaximum: core.limits.topicAliases,
          }),
          acceptPublish(client, acks, core),
        )
        .subscribe({ error: end, complete: () => subscriber.complete() }),
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
  client.port.part(code, error instanceof ProtocolError ? short(error.message) : DISCONNECT_REASONS.get(code));
}

/** Errors when nothing has come from the client for one and a half times its keep-alive [MQTT-3.1.2-22]. */
function keepAliveWatch({ keepalive, port }: Client): Observable<never> {
  return new Observable<never>((subscriber) => {
    if (keepalive === 0) return undefined;
    const patience = keepalive * 1500;
    let timer = Subscription.EMPTY;
    const look = (): void => {
      const left = port.connection.lastReceived + patience - elapsed();
      if (left > 0) timer = afterElapsed(left, look);
      else subscriber.error(new TimeoutError('the client was silent', { reasonCode: ReasonCode.KEEP_ALIVE_TIMEOUT }));
    };
    timer = afterElapsed(patience, look);
    return () => timer.unsubscribe();
  });
}
