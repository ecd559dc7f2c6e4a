import { Observable } from 'rxjs';
import type { SubscriptionRegistry } from './registry.js';
import type { SubscribePort } from './requests.js';

/** Restores the wanted subscriptions on a connection, for as long as it is subscribed to. Never emits. */
export function restore(
  registry: SubscriptionRegistry,
  port: SubscribePort,
  sessionPresent: boolean,
): Observable<never> {
  return new Observable<never>((subscriber) => {
    subscriber.add(() => registry.unbind());
    registry.bind(port, sessionPresent);
  });
}
