import type { Recipient } from './recipient.js';
import { Route } from './route.js';
import { SharedGroup } from './shared-group.js';
import type { Subscription } from './subscription.js';

/** The recipients of a topic. */
export class TopicRoutes {
  readonly direct: Route[] = [];
  readonly shared: SharedGroup[] = [];
  /** A subscription has changed since. */
  stale = false;

  constructor(found: readonly (Subscription | SharedGroup)[]) {
    const byRecipient = new Map<Recipient, Subscription[]>();
    for (const one of found) {
      if (one instanceof SharedGroup) {
        this.shared.push(one);
        continue;
      }
      const others = byRecipient.get(one.recipient);
      if (others === undefined) byRecipient.set(one.recipient, [one]);
      else others.push(one);
    }
    for (const [recipient, subscriptions] of byRecipient) this.direct.push(new Route(recipient, subscriptions));
  }
}
