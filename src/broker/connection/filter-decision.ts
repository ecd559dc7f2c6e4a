import type { Subscription as Asked } from '../../packet/packets.js';

/** A filter of SUBSCRIBE that was allowed, with the broker's names. */
export interface RequestedFilter extends Asked {
  /** The filter that brings its messages: another one where an interceptor has changed it. */
  readonly effective: string;
}

/** A reason code that refuses a filter, or the filter as it was allowed. */
export type FilterDecision = number | RequestedFilter;
