import { atHand } from '../rx/loadable.js';
import * as conversationPart from './conversation.js';
import * as durablePart from './durable.js';

/** Request and response. */
export const conversation = /* @__PURE__ */ atHand(conversationPart);

/** What the option `store` stands on. */
export const durability = /* @__PURE__ */ atHand(durablePart);
