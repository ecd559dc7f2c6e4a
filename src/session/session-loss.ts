import { Phase, type OutgoingPublish } from './outgoing-publish.js';
import { inDoubt } from './send-errors.js';
import type { SessionLostPolicy } from './sender-options.js';

/** Readies the messages in flight that are published anew, now that the broker has lost the session; returns them. */
export function publishedAnew(lost: readonly OutgoingPublish[], policy: SessionLostPolicy = 'safe'): OutgoingPublish[] {
  const anew = lost.filter((message) => mayPublishAnew(message, policy));
  for (const message of anew) {
    message.packetId = 0;
    message.phase = Phase.QUEUED;
    message.sent = false;
    message.log?.advanced(message, () => undefined);
  }
  return anew;
}

/** Settles the others. */
export function settleLost(lost: readonly OutgoingPublish[]): void {
  for (const message of lost) {
    if (message.phase === Phase.RELEASED) {
      message.succeed({ packetId: message.packetId, qos: message.qos, reasonCode: 0, inDoubt: true });
    } else if (message.phase === Phase.PUBLISHED) {
      message.fail(inDoubt(message));
    }
  }
}

function mayPublishAnew(message: OutgoingPublish, policy: SessionLostPolicy): boolean {
  if (message.phase !== Phase.PUBLISHED || policy === 'fail') return false;
  // What never left may be sent in any session.
  return policy === 'republish' || message.qos === 1 || !message.sent;
}
