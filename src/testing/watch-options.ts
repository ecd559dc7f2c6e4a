import type { BrokerOptions } from '../broker/index.js';
import type { ClientOptions } from '../client/client-options.js';
import type { SessionStore } from '../session/durable.js';
import type { PromiseWatch } from './promise-watch.js';

/** Watches everything in a client's options that may wait for a promise. */
export function watchClient(options: ClientOptions, clientId: string, watch: PromiseWatch): ClientOptions {
  const who = (option: string): string => `the client "${clientId}" (option ${option})`;
  const { beforeConnect, store, auth } = options;
  return {
    ...options,
    ...(beforeConnect !== undefined && { beforeConnect: watch.watched(beforeConnect, who('beforeConnect')) }),
    ...(store !== undefined && { store: watchStore(store, who('store'), watch) }),
    ...(auth !== undefined && {
      auth: () => watch.watchedAuth(typeof auth === 'function' ? auth() : auth, who('auth')),
    }),
  };
}

/** Watches the restoring of a store, which precedes the first connection. */
function watchStore(store: SessionStore, what: string, watch: PromiseWatch): SessionStore {
  return {
    keepSession(session) {
      const kept = store.keepSession(session);
      return { ...kept, restored$: watch.trackInput(kept.restored$, what) };
    },
  };
}

const HOOKS = ['authenticate', 'authorizePublish', 'authorizeSubscribe'] as const;

/** Watches everything in a broker's options that may wait for a promise. */
export function watchBroker(options: BrokerOptions, watch: PromiseWatch): BrokerOptions {
  const watched: Record<string, unknown> = { ...options };
  for (const name of HOOKS) {
    const hook: unknown = options[name];
    const what = `the broker (option ${name})`;
    if (typeof hook === 'function') watched[name] = watch.watched(hook, what);
    if (Array.isArray(hook)) watched[name] = hook.map((link: object) => watch.watched(link, what));
  }
  if (options.store !== undefined) watched['store'] = watch.watched(options.store, 'the broker (option store)');
  return watched;
}
