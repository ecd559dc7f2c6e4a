/** In the place of `messages.ts` in browsers, where subscriptions are too few for shortcuts. */
export { messagesOf } from './subscribing.js';
