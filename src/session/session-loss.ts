import { Phase, type OutgoingPublish } from './outgoing-publish.js';
import { inDoubt } from './send-errors.js';
import type { SessionLostPolicy } from './sender-options.js';

/** Resets the in-flight messages to publish again, now that the broker lost the session, and returns them. */
export function resetForRepublish(
  lost: readonly OutgoingPublish[],
  policy: SessionLostPolicy = 'safe',
): OutgoingPublish[] {
  const republished = lost.filter((message) => mayRepublish(message, policy));
  for (const message of republished) {
    message.packetId = 0;
    message.phase = Phase.QUEUED;
    message.sent = false;
    message.log?.advanced(message, () => undefined);
  }
  return republished;
}

/** Settles the messages that are not published again. */
export function settleLost(lost: readonly OutgoingPublish[]): void {
  for (const message of lost) {
    if (message.phase === Phase.RELEASED) {
      message.succeed({ packetId: message.packetId, qos: message.qos, reasonCode: 0, inDoubt: true });
    } else if (message.phase === Phase.PUBLISHED) {
      message.fail(inDoubt(message));
    }
  }
}

function mayRepublish(message: OutgoingPublish, policy: SessionLostPolicy): boolean {
  if (message.phase !== Phase.PUBLISHED || policy === 'fail') return false;
  // A message that was never sent may go into any session.
  return policy === 'republish' || message.qos === 1 || !message.sent;
}
