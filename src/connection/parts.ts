import { atHand } from '../rx/loadable.js';
import { Reauthentication } from './reauthentication.js';
import { ScramExchange } from './scram-exchange.js';
import { startAuth } from './start-auth.js';

/** Enhanced authentication. */
export const authentication = /* @__PURE__ */ atHand({ Reauthentication, ScramExchange, startAuth });
