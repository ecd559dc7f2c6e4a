import type { MqttClient } from 'rxmqtt';
import { isObservable, NEVER } from 'rxjs';

/** What may be asked of a client that has nothing to do: it waits for nothing. */
const HARMLESS: readonly PropertyKey[] = ['end', 'stats', Symbol.asyncDispose];
const CURRENT: readonly PropertyKey[] = ['state$', 'subscriptions$'];

/**
 * The client as a server sees it while it renders a page: `idle`, without a subscription, and every stream silent. It
 * opens nothing and sets no timer, so that rendering does not wait for it.
 *
 * @param client a lazy one, of which nothing is asked.
 */
export function silent(client: MqttClient): MqttClient {
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value === 'function') {
        return HARMLESS.includes(key) ? (): unknown => Reflect.apply(value as () => unknown, target, []) : () => NEVER;
      }
      return isObservable(value) && !CURRENT.includes(key) ? NEVER : value;
    },
  });
}
