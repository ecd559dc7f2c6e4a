import { TimeoutError } from '../errors.js';
import type { OutgoingPublish } from './outgoing-publish.js';

/**
 * Fails the observers of messages unacknowledged for `timeout` ms; the exchanges continue.
 * @param open in the order of sending
 * @returns the ms until the next one is due; `timeout` if none is waiting
 */
export function failTimedOutPublishes(open: Iterable<OutgoingPublish>, now: number, timeout: number): number {
  const late: OutgoingPublish[] = [];
  let next = timeout;
  for (const message of open) {
    if (message.observer === undefined || message.sentAt === 0) continue;
    const left = message.sentAt + timeout - now;
    if (left > 0) {
      next = left;
      break;
    }
    late.push(message);
  }
  for (const message of late) {
    message.tell(
      new TimeoutError(
        `publish to "${message.topic}" was not acknowledged within ${timeout} ms; the exchange itself goes on`,
      ),
    );
  }
  return next;
}
