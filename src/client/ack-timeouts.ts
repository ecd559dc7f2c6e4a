import { failTimedOutPublishes } from '../session/publish-timeouts.js';
import type { Sender } from '../session/sender.js';
import type { SubscriptionRegistry } from '../subscription/registry.js';

/** What may wait for an acknowledgement. */
interface Waiting {
  readonly sender: Sender;
  readonly registry: SubscriptionRegistry;
}

/** Tells all who have waited for an acknowledgement for `timeout` ms; returns the ms until the next one is due. */
export function failTimedOut({ sender, registry }: Waiting, now: number, timeout: number): number {
  return Math.min(failTimedOutPublishes(sender.inFlight, now, timeout), registry.failTimedOut(now, timeout));
}
