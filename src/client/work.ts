import { EMPTY, filter, identity, ignoreElements, merge, Observable, tap, type Subject } from 'rxjs';
import { control } from '../connection/control.js';
import { keepAlive } from '../connection/keep-alive.js';
import type { Link } from '../connection/link.js';
import { refuseProblemInformation } from '../connection/problem-information.js';
import { Reauthentication } from '../connection/reauthentication.js';
import { type MqttError, ProtocolError } from '../errors.js';
import type { Packet, PublishPacket } from '../packet/packets.js';
import { bypass } from '../rx/bypass.js';
import { AckQueue } from '../session/ack-queue.js';
import { acknowledge } from '../session/acknowledge.js';
import { drain } from '../session/drain.js';
import { rateLimit } from '../session/rate-limit.js';
import { validatePayloadFormat } from '../session/payload-format.js';
import { receive } from '../session/receive.js';
import { answers } from '../subscription/answers.js';
import { lateObservers } from '../subscription/late-observers.js';
import type { ClientSession } from './client-session.js';
import { isolate, judge } from './isolate.js';
import { toFlag } from './properties-input.js';

/**
 * Everything that happens on one connection, from CONNACK until it is lost: incoming packets are dispatched,
 * subscriptions restored, open exchanges resent, and new messages sent. An error ends the connection.
 */
export function work(link: Link, session: ClientSession): Observable<never> {
  const { settings, sender, registry, router, openIds, unanswered, log } = session;
  const { options, receiveMaximum, topicAliasMaximum } = settings;
  const { sessionPresent, limits } = link;
  const v5 = limits.protocolVersion === 5;
  const acks = new AckQueue(link, {
    openIds,
    unanswered,
    log,
    flow: link.connection,
    window: receiveMaximum,
    peerKeepsWindow: v5,
  });
  const reauthentication = reauthenticationOf(link, session);
  const silent = toFlag(options.properties?.requestProblemInformation) === false;
  session.acks = acks;
  if (!sessionPresent) {
    log?.forget(openIds);
    openIds.clear();
    unanswered.clear();
  }

  const messages$ = link.packets$.pipe(
    silent ? refuseProblemInformation() : identity,
    // Messages are many, and none of these steps concerns them.
    bypass(isPublish, (others$) =>
      others$.pipe(
        acknowledge(sender),
        answers(registry),
        reauthentication === undefined ? identity : reauthentication.authenticate(),
        control(() => session.pongs.next()),
      ),
    ),
    receive({
      openIds,
      log,
      acks,
      port: link,
      // 3.1.1 has no window that a broker could exceed: there, reading stops at the bound.
      receiveMaximum: v5 && !session.isOverrun ? receiveMaximum : Infinity,
      topicAliasMaximum,
    }),
  );
  // Only a resumed session delivers messages before they are requested.
  const rate = options.offline?.rate;
  const grace = sessionPresent ? (options.unroutedGrace ?? 5000) : 0;
  const incoming$ = messages$.pipe(
    options.validatePayloadFormat === true ? validatePayloadFormat(acks) : identity,
    tap((message) => session.messages.observed && show(message, session.messages, acks)),
    // To its observers; from here on, only messages without any.
    filter((message) => !router.deliver(message, acks)),
    grace > 0 ? lateObservers({ router, tracker: acks, grace, joined$: registry.joined$ }) : identity,
    tap((message) => {
      session.unroutedCount++;
      session.unrouted.next(message);
    }),
    ignoreElements(),
  );
  return merge(
    // First of all: it decides what the others may send.
    isolate(link, session),
    incoming$,
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

/** Skips a QoS 2 message that was already shown and is sent again because another observer did not acknowledge it. */
function show(message: PublishPacket, messages: Subject<PublishPacket>, acks: AckQueue): void {
  if (message.dup && acks.wasDelivered(message, messages)) return;
  acks.markDelivered(message, messages);
  messages.next(message);
}

function isPublish(packet: Packet): packet is PublishPacket {
  return packet.cmd === 'publish';
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
