import { atHand } from '../rx/loadable.js';
import * as conversationPart from './conversation.js';
import * as durablePart from './durable.js';
import * as extrasPart from './extras.js';

/** Request and response. */
export const conversation = /* @__PURE__ */ atHand(conversationPart);

/** What the option `store` stands on. */
export const durability = /* @__PURE__ */ atHand(durablePart);

/** What `clean: false`, `topicAlias` and `followRedirect` stand on. */
export const extras = /* @__PURE__ */ atHand(extrasPart);
