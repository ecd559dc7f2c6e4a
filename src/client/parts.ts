import { AliasedLink } from '../connection/aliased-link.js';
import { redirectTargets } from '../connection/redirect-targets.js';
import { atHand } from '../rx/loadable.js';
import { paced } from '../session/paced.js';
import { refuseFalseText } from '../session/payload-format.js';
import { lateObservers } from '../subscription/late-observers.js';
import { durable } from './durable.js';
import { tellOverdue } from './overdue.js';
import { ping } from './ping.js';
import { Requests } from './request.js';
import { respond } from './respond.js';

/** Request and response. */
export const conversation = /* @__PURE__ */ atHand({ Requests, respond });

/** What the option `store` stands on. */
export const durability = /* @__PURE__ */ atHand({ durable });

/** What few applications ask for: most of it by an option. */
export const extras = /* @__PURE__ */ atHand({
  AliasedLink,
  redirectTargets,
  lateObservers,
  paced,
  ping,
  refuseFalseText,
  tellOverdue,
});
