import type { QoS } from '../packet/packets.js';
import type { Exit } from './message-observer.js';
import type { Recent } from './recent.js';
import { PENDING, type SubscriptionInfo } from './subscription-info.js';
import type { SubscriptionRequest } from './subscription-request.js';

/** Whether a filter stands in the broker's session. */
export type Standing =
  | 'unknown'
  /** A SUBSCRIBE for it went out in this session of the broker, and no UNSUBSCRIBE since. */
  | 'known'
  /** The same, but somebody joined who has to see the retained messages: it is asked for again. */
  | 'stale'
  /** A SUBSCRIBE was sent and not answered when the connection was lost: the broker may have it or not. */
  | 'uncertain'
  /** The broker lost it with the session, and it is not asked for again unless somebody joins. */
  | 'lapsed';

/**
 * What is asked for with a filter, and what the broker knows of it. Very many filters have all of that in common: they
 * share one object, which never changes.
 */
export interface Terms {
  /** Sets the options; later observers have to ask for the same. */
  readonly request: SubscriptionRequest;
  readonly info: SubscriptionInfo;
  readonly standing: Standing;
  /** The QoS of the last SUBSCRIBE. */
  readonly askedQos: QoS;
  /** The identifiers under which the broker may send its messages; empty where identifiers are not in use. */
  readonly identifiers: readonly number[];
  /** Counts the SUBSCRIBE packets that were, or will be, sent for it. */
  readonly round: number;
  /** The last of these rounds that the broker has answered. */
  readonly answered: number;
  /** Where its observers leave. */
  readonly exit: Exit;
  /** All that are in use of late. */
  readonly recent: Recent<Terms>;
}

export const NO_IDENTIFIERS: readonly number[] = [];

/** Those of a filter that nobody has asked for yet. */
export function firstTerms(request: SubscriptionRequest, exit: Exit, recent: Recent<Terms>): Terms {
  return recent.same({
    request,
    info: PENDING,
    standing: 'unknown',
    askedQos: 0,
    identifiers: NO_IDENTIFIERS,
    round: 0,
    answered: -1,
    exit,
    recent,
  });
}
