import { NEVER, type Observable } from 'rxjs';
import type { MqttError } from '../errors.js';
import { report } from '../rx/report.js';
import type { PublishReceipt } from '../session/outgoing-publish.js';
import type { Payload, PublishOptions } from './client-options.js';
import type { MqttClient } from './mqtt-client.js';

/**
 * The key of a client's hooks, which functions such as `request` need beyond its public face. A symbol, so that
 * completions do not show it and all copies of the package share it.
 */
export const CLIENT_HOOKS: unique symbol = Symbol.for('rxmqtt.clientHooks');

export interface ClientHooks {
  /** The client that does the work: this one, or the one inside a wrapper. */
  readonly client: MqttClient;
  /** Never emits. Keeps a lazy client connected while it is observed; errors when the client has ended. */
  readonly needed$: Observable<never>;
  /** Publishes, but gives up when `tries` connections that carried the message have ended without acknowledging it. */
  publishAtMost(tries: number, topic: string, payload: Payload, options: PublishOptions): Observable<PublishReceipt>;
  /** Emits it on `faults$`. */
  fault(error: MqttError): void;
  /** Adapts an Observable to the wrapper, which may, for example, notify its subscribers in another zone. */
  adapt<T>(source$: Observable<T>): Observable<T>;
}

/** The hooks of a client. A client without hooks, such as a fake, gets hooks that use its public face. */
export function hooksOf<C extends Pick<MqttClient, 'publish'>>(
  client: C,
): Omit<ClientHooks, 'client'> & { readonly client: C } {
  const hooks = (client as { readonly [CLIENT_HOOKS]?: ClientHooks & { readonly client: C } })[CLIENT_HOOKS];
  return (
    hooks ?? {
      client,
      needed$: NEVER,
      publishAtMost: (_tries, topic, payload, options) => client.publish(topic, payload, options),
      fault: report,
      adapt: (source$) => source$,
    }
  );
}
