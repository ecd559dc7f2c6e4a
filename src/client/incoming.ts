import { identity, ignoreElements, merge, Observable, Subject, tap } from 'rxjs';
import { disconnected } from '../connection/disconnected.js';
import type { Link } from '../connection/link.js';
import { rejectProblemInformation } from '../connection/problem-information.js';
import type { Reauthentication } from '../connection/reauthentication.js';
import { ProtocolError } from '../errors.js';
import type { Packet, PublishPacket } from '../packet/packets.js';
import type { AckQueue } from '../session/ack-queue.js';
import { lateObservers } from '../session/late-observers.js';
import { isFalseText } from '../session/payload-format.js';
import { Receiver } from '../session/receiver.js';
import type { ClientSession } from './client-session.js';
import { toFlag } from './properties-input.js';

/**
 * What each packet of the broker leads to, for as long as it is subscribed to. Never emits. Errors with `ConnectError`
 * on DISCONNECT, and with `ProtocolError` on what a broker must not send at this point.
 */
export function incoming(
  link: Link,
  session: ClientSession,
  acks: AckQueue,
  reauthentication: Reauthentication | undefined,
): Observable<never> {
  const { settings, sender, registry, router, messages, pongs } = session;
  const { options, receiveMaximum, topicAliasMaximum } = settings;
  const hasWindow = link.limits.protocolVersion === 5 && !session.isOverrun;
  const receiver = new Receiver({
    openIds: session.openIds,
    log: session.log,
    acks,
    port: link,
    // 3.1.1 has no window that a broker could exceed: there, reading stops at the bound.
    receiveMaximum: hasWindow ? receiveMaximum : Infinity,
    topicAliasMaximum,
  });
  const isSilent = toFlag(options.properties?.requestProblemInformation) === false;
  const checksFormat = options.validatePayloadFormat === true;
  const unobserved = new Subject<PublishPacket>();

  const deliver = (message: PublishPacket): boolean => router.deliver(message, acks);
  const receive = (message: PublishPacket): void => {
    if (checksFormat && isFalseText(message)) return acks.answerWith(0x99);
    if (messages.observed && !acks.wasDelivered(message, messages)) {
      acks.markDelivered(message, messages);
      messages.next(message);
    }
    if (!deliver(message)) unobserved.next(message);
  };

  const handle = (packet: Packet): void => {
    if (isSilent) rejectProblemInformation(packet);
    switch (packet.cmd) {
      case 'publish':
        if (!receiver.begin(packet)) return;
        try {
          return receive(packet);
        } finally {
          receiver.end(packet);
        }
      case 'pubrel':
        return receiver.released(packet);
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
        return sender.acknowledged(packet);
      case 'suback':
        return registry.subscribed(packet);
      case 'unsuback':
        return registry.unsubscribed(packet);
      case 'pingresp':
        return pongs.next();
      case 'disconnect':
        throw disconnected(packet);
      case 'auth':
        if (reauthentication !== undefined) return reauthentication.received(packet);
    }
    throw new ProtocolError(`the broker sent ${packet.cmd.toUpperCase()} out of order`, { reasonCode: 0x82 });
  };

  // A plain observer: operators that pass each packet on, if only to be ignored, cost a quarter of a message.
  const handled$ = new Observable<never>((subscriber) => {
    subscriber.add(() => receiver.close());
    return link.packets$.subscribe({
      next(packet) {
        try {
          handle(packet);
        } catch (error) {
          subscriber.error(error);
        }
      },
      error: (error) => subscriber.error(error),
    });
  });
  // Only a resumed session delivers messages before they are requested.
  const grace = link.sessionPresent ? (options.unroutedGrace ?? 5000) : 0;
  const unrouted$ = unobserved.pipe(
    grace > 0 ? lateObservers({ deliver, acks, grace, joined$: registry.joined }) : identity,
    tap((message) => {
      session.unroutedCount++;
      session.unrouted.next(message);
    }),
    ignoreElements(),
  );
  return merge(unrouted$, handled$);
}
