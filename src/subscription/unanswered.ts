import { TimeoutError } from '../errors.js';
import type { PendingRequest } from './pending-requests.js';
import { offline } from './subscribe-errors.js';

/** Errors those whose requests wait for too long; an answer that comes after all finds nobody. */
export function tellLate(requests: readonly PendingRequest[], timeout: number): void {
  for (const request of requests) {
    if (request.kind === 'unsubscribe') {
      const { caller } = request;
      request.caller = undefined;
      caller?.error(new TimeoutError(`unsubscribe was not acknowledged within ${timeout} ms`));
      continue;
    }
    for (const asked of request.asked) {
      const { entry, members } = asked;
      asked.members = [];
      const error = new TimeoutError(`subscribe to "${entry.filter}" was not acknowledged within ${timeout} ms`);
      for (const { observer } of members) observer.subscriber.error(error);
    }
  }
}

/** Errors those whose requests the connection took with it, where nobody is to wait for another one. */
export function tellLost(requests: readonly PendingRequest[]): void {
  for (const request of requests) {
    if (request.kind === 'unsubscribe') {
      request.caller?.error(offline('unsubscribe', request.filters[0]));
      continue;
    }
    for (const { entry, members } of request.asked) {
      for (const { observer } of members) observer.subscriber.error(offline('subscribe', entry.filter));
    }
  }
}
