import { NEVER, type Observable } from 'rxjs';
import type { MqttClient } from './mqtt-client.js';

/**
 * What functions such as `request` need of a client beyond its public face. The key is a symbol, so that completions do
 * not show it, and one for all copies of the package.
 */
export const CLIENT_HOOKS: unique symbol = Symbol.for('rxmqtt.clientHooks');

export interface ClientHooks {
  /** The client that does the work: itself, or the one that a wrapper wraps. */
  readonly client: MqttClient;
  /** Never emits. Keeps a lazy client connected for as long as it is observed; errors when the client has ended. */
  readonly needed$: Observable<never>;
  /** Hands out an Observable as the client hands out its own: a wrapper may observe it in another zone. */
  handOut<T>(source$: Observable<T>): Observable<T>;
}

/** The hooks of a client; for one without hooks, such as a fake, those that use its public face alone. */
export function hooksOf<C extends object>(client: C): Omit<ClientHooks, 'client'> & { readonly client: C } {
  const hooks = (client as { readonly [CLIENT_HOOKS]?: ClientHooks & { readonly client: C } })[CLIENT_HOOKS];
  return hooks ?? { client, needed$: NEVER, handOut: (source$) => source$ };
}
