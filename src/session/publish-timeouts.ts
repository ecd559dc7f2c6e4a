import type { OutgoingPublish } from './outgoing-publish.js';
import { publishTimedOut } from './publish-timed-out.js';

/**
 * Fails the observers of messages unacknowledged for `timeout` ms; the exchanges continue.
 * @param open in the order of sending
 * @returns the ms until the next one is due; `timeout` if none is waiting
 */
export function failTimedOutPublishes(open: Iterable<OutgoingPublish>, now: number, timeout: number): number {
  const late: OutgoingPublish[] = [];
  let next = timeout;
  for (const message of open) {
    if (message.observer === undefined || message.sentAt === undefined) continue;
    const left = message.sentAt + timeout - now;
    if (left > 0) {
      next = left;
      break;
    }
    late.push(message);
  }
  for (const message of late) {
    message.tell(publishTimedOut(message.topic, timeout));
  }
  return next;
}
