import { failTimedOutPublishes } from '../session/publish-timeouts.js';
import type { Sender } from '../session/sender.js';
import type { SubscriptionRegistry } from '../subscription/registry.js';

/** What waits for acknowledgements. */
interface Waiting {
  readonly sender: Sender;
  readonly registry: SubscriptionRegistry;
}

/** Fails everything that has waited `timeout` ms for an acknowledgement; returns the ms until the next is due. */
export function failTimedOut({ sender, registry }: Waiting, now: number, timeout: number): number {
  return Math.min(failTimedOutPublishes(sender.inFlight, now, timeout), registry.failTimedOut(now, timeout));
}
