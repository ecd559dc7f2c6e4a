/** In the place of `foldable-entry.ts` in browsers, where subscriptions are too few to fold any. */
export { SubscriptionEntry as FoldableEntry } from './subscription-entry.js';
