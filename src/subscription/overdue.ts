import { TimeoutError } from '../errors.js';
import { conclude } from '../rx/conclude.js';
import type { PendingRequest } from './pending-requests.js';

/**
 * Errors those whose requests have waited for an answer for `timeout` ms; an answer that comes after all finds nobody.
 * @returns the ms until the next one is due; `timeout` where none waits
 */
export function tellOverdueRequests(pending: Iterable<PendingRequest>, now: number, timeout: number): number {
  let next = timeout;
  for (const request of [...pending]) {
    const left = request.sentAt + timeout - now;
    if (left > 0) {
      next = Math.min(next, left);
      continue;
    }
    request.sentAt = Infinity;
    tell(request, timeout);
  }
  return next;
}

function tell(request: PendingRequest, timeout: number): void {
  if (request.kind === 'unsubscribe') {
    const { caller } = request;
    request.caller = undefined;
    conclude(caller, new TimeoutError(`unsubscribe was not acknowledged within ${timeout} ms`));
    return;
  }
  for (const asked of request.asked) {
    const { entry, members } = asked;
    asked.members = [];
    entry.fail(members, new TimeoutError(`subscribe to "${entry.filter}" was not acknowledged within ${timeout} ms`));
  }
}
