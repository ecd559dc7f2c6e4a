import { AliasedLink } from '../connection/aliased-link.js';
import { redirectTargets } from '../connection/redirect-targets.js';
import { atHand } from '../rx/loadable.js';
import { lateObservers } from '../subscription/late-observers.js';
import { durable } from './durable.js';
import { Requests } from './request.js';
import { respond } from './respond.js';

/** Request and response. */
export const conversation = /* @__PURE__ */ atHand({ Requests, respond });

/** What the option `store` stands on. */
export const durability = /* @__PURE__ */ atHand({ durable });

/** What `clean: false`, `topicAlias` and `followRedirect` stand on. */
export const extras = /* @__PURE__ */ atHand({ AliasedLink, redirectTargets, lateObservers });
