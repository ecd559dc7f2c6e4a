/** All that a client needs for enhanced authentication, and nothing that others need. */
export { Reauthentication } from './reauthentication.js';
export { ScramExchange } from './scram-exchange.js';
export { startAuth } from './start-auth.js';
