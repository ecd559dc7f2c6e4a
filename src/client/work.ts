import { EMPTY, merge, Observable, tap } from 'rxjs';
import { keepAlive } from '../connection/keep-alive.js';
import type { Link } from '../connection/link.js';
import { Reauthentication } from '../connection/reauthentication.js';
import { ErrorCode, MqttError, ProtocolError } from '../errors.js';
import { AckQueue } from '../session/ack-queue.js';
import { drain } from '../session/drain.js';
import { rateLimit } from '../session/rate-limit.js';
import type { ClientSession } from './client-session.js';
import { incoming } from './incoming.js';
import { isolate, judge } from './isolate.js';

/**
 * Everything that happens on one connection, from CONNACK until it is lost: incoming packets are dispatched,
 * subscriptions restored, open exchanges resent, and new messages sent. An error ends the connection.
 */
export function work(link: Link, session: ClientSession): Observable<never> {
  const { settings, sender, registry, openIds, unanswered, log } = session;
  const { options, receiveMaximum } = settings;
  const { sessionPresent, limits } = link;
  const acks = new AckQueue(link, {
    openIds,
    unanswered,
    log,
    onStuck: () => session.faults.next(windowIsFull(receiveMaximum)),
    flow: link.connection,
    window: receiveMaximum,
    peerKeepsWindow: limits.protocolVersion === 5,
  });
  const reauthentication = reauthenticationOf(link, session);
  session.acks = acks;
  if (!sessionPresent) {
    log?.forget(openIds);
    openIds.clear();
    unanswered.clear();
  }

  const rate = options.offline?.rate;
  return merge(
    // First of all: it decides what the others may send.
    isolate(link, session),
    incoming(link, session, acks, reauthentication),
    reauthentication === undefined ? EMPTY : offerReauthentication(session, reauthentication),
    registry.restore(link, sessionPresent),
    drain(sender, link, { sessionPresent, drained$: link.connection.drained$ }),
    rate === undefined ? EMPTY : rateLimit(sender, rate),
    keepAlive(link, {
      keepalive: limits.keepalive,
      pingTimeout: options.pingTimeout,
      wakeUps$: session.wakeUps$,
      isPaused: () => acks.isPaused,
    }),
  ).pipe(
    tap({
      error: (reason: MqttError) => {
        session.isOverrun ||= reason instanceof ProtocolError && reason.reasonCode === 0x93;
        judge(link, session, reason);
        sender.detach(reason);
      },
    }),
  );
}

function windowIsFull(receiveMaximum: number): MqttError {
  return new MqttError(
    `the broker sends nothing more at QoS 1 and 2: the observers of ${receiveMaximum} messages left without ack(); ` +
      'acknowledge before leaving; on the next connection of the session they come again, see reconnect()',
    { code: ErrorCode.WINDOW_FULL },
  );
}

/** Undefined unless the connection was made with the option `auth`. */
function reauthenticationOf(link: Link, { settings }: ClientSession): Reauthentication | undefined {
  const { connectTimeout: timeout, options } = settings;
  const method = link.connack.properties?.authenticationMethod;
  if (options.auth === undefined || method === undefined) return undefined;
  return new Reauthentication(link, { source: options.auth, method, timeout });
}

/** Enables `reauthenticate()` while it is subscribed to; errors when an exchange fails. */
function offerReauthentication(session: ClientSession, reauthentication: Reauthentication): Observable<never> {
  return new Observable<never>((subscriber) => {
    session.reauthentication = reauthentication;
    subscriber.add(() => {
      session.reauthentication = undefined;
      reauthentication.close();
    });
    subscriber.add(reauthentication.failed$.subscribe(subscriber));
  });
}
