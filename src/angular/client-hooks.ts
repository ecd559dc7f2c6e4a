/** The key under which rxmqtt's functions find the client behind a wrapper; see `client/client-hooks.ts`. */
export const CLIENT_HOOKS: unique symbol = Symbol.for('rxmqtt.clientHooks');
