import { LoadedLater } from '../rx/loadable.js';

/** These take the place of `parts.ts` in browsers, where every byte has its way to go. */
export const conversation = /* @__PURE__ */ new LoadedLater('request and respond', () => import('./conversation.js'));

export const durability = /* @__PURE__ */ new LoadedLater('the option store', () => import('./durable.js'));

export const extras = /* @__PURE__ */ new LoadedLater('ping() and some of the options', () => import('./extras.js'));
