import { EMPTY, Observable } from 'rxjs';
import type { Link } from '../connection/link.js';
import type { MqttError } from '../errors.js';
import { ReasonCode } from '../packet/reason-codes.js';
import { quoted } from '../quoted.js';
import { OutgoingPublish } from '../session/outgoing-publish.js';
import type { ClientSession } from './client-session.js';

/** Sends suspects alone while it is subscribed to; see `Quarantine`. Never emits. */
export function isolate(link: Link, session: ClientSession): Observable<never> {
  const { quarantine, sender, registry, pongs } = session;
  if (quarantine === undefined) return EMPTY;
  return new Observable<never>((subscriber) => {
    subscriber.add(pongs.subscribe(() => quarantine.alive()));
    subscriber.add(() => quarantine.stop());
    quarantine.begin({
      ping: () => link.send({ cmd: 'pingreq' }),
      changed: () => {
        registry.flush();
        sender.pump();
      },
    });
  });
}

/** Evaluates the end of a connection: the message or filter that proved to cause it errors, and the rest continues. */
export function judge(link: Link, session: ClientSession, reason: MqttError): void {
  const { quarantine, sender, registry, clientLog } = session;
  if (reason.reasonCode === ReasonCode.QUOTA_EXCEEDED) registry.overQuota();
  if (quarantine === undefined || link.isLeft) return;
  const wasAlert = quarantine.isAlert;
  const culprit = quarantine.end(reason, { filters: registry.unanswered, message: sender.unanswered });
  if (culprit instanceof OutgoingPublish) {
    clientLog.warn(`the broker ends the connection over a message to ${quoted(culprit.topic)}; it is set aside`);
    sender.setAside(culprit, reason);
  } else if (culprit !== undefined) {
    clientLog.warn('the broker ends the connection over a topic filter; its observers get an error');
    registry.convict(culprit, reason);
  } else if (quarantine.isAlert && !wasAlert) {
    clientLog.info('the broker ends the connection again and again; suspects are sent alone from now on');
  }
}
