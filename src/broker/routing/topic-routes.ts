import type { Recipient } from './recipient.js';
import { Route } from './route.js';
import { SharedGroup } from './shared-group.js';
import type { Subscription } from './subscription.js';

/** Bytes, roughly: of this object, of each subscription in it, and of a route that several subscriptions share. */
const BASE = 200;
const EACH = 16;
const SHARED_ROUTE = 200;

/** The recipients of topics. */
export class TopicRoutes {
  readonly direct: Route[] = [];
  readonly shared: SharedGroup[] = [];
  /** Bytes, roughly. */
  readonly weight: number;

  constructor(
    private readonly found: readonly (Subscription | SharedGroup)[],
    /** Of what was found. */
    readonly hash: number,
  ) {
    const byRecipient = new Map<Recipient, Subscription | Subscription[]>();
    for (const one of found) {
      if (one instanceof SharedGroup) {
        this.shared.push(one);
        continue;
      }
      const others = byRecipient.get(one.recipient);
      if (others === undefined) byRecipient.set(one.recipient, one);
      else if (Array.isArray(others)) others.push(one);
      else byRecipient.set(one.recipient, [others, one]);
    }
    let weight = BASE + EACH * found.length;
    for (const [recipient, matching] of byRecipient) {
      const several = Array.isArray(matching);
      this.direct.push(several ? new Route(recipient, matching) : matching.route);
      if (several) weight += SHARED_ROUTE + EACH * matching.length;
    }
    this.weight = weight;
  }

  isMadeOf(found: readonly (Subscription | SharedGroup)[]): boolean {
    if (found.length !== this.found.length) return false;
    for (let index = 0; index < found.length; index++) if (found[index] !== this.found[index]) return false;
    return true;
  }
}
