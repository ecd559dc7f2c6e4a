import type { MessageObserver } from './message-observer.js';
import type { SubscriptionEntry } from './subscription-entry.js';

/** One observer on one filter. */
export class Membership {
  /** The entry's `round` when it joined. */
  joined: number;
  /** The subscription identifier of the SUBSCRIBE that this observer caused or met; 0 before it was sent. */
  identifier = 0;

  constructor(
    readonly entry: SubscriptionEntry,
    readonly observer: MessageObserver,
  ) {
    this.joined = entry.terms.round;
  }
}
