import { atHand } from '../rx/loadable.js';
import * as part from './authentication.js';

/** Enhanced authentication. */
export const authentication = /* @__PURE__ */ atHand(part);
