import { conclude } from '../rx/conclude.js';
import type { PendingRequest } from './pending-requests.js';
import { offline } from './subscribe-errors.js';

/** Errors those whose requests the connection took with it, where nobody is to wait for another one. */
export function tellLost(requests: readonly PendingRequest[]): void {
  for (const request of requests) {
    if (request.kind === 'unsubscribe') {
      conclude(request.caller, offline('unsubscribe', request.filters[0]));
      continue;
    }
    for (const { entry, members } of request.asked) entry.fail(members, offline('subscribe', entry.filter));
  }
}
