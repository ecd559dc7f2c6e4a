import { NgZone } from '@angular/core';
import type { MqttClient } from 'rxmqtt';
import { isObservable, Observable } from 'rxjs';

/**
 * The client as an application with zone.js sees it. Whatever it does, sockets and timers included, it does outside of
 * NgZone, so that the application becomes stable and no ping leads to change detection. What a subscriber is told, it is
 * told in the zone in which it subscribed.
 */
export function zoned(client: MqttClient, zone: NgZone): MqttClient {
  const outside = (result: unknown): unknown => (isObservable(result) ? subscribedOutside(result, zone) : result);
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return outside(value);
      return (...args: unknown[]) =>
        outside(zone.runOutsideAngular((): unknown => Reflect.apply(value as () => unknown, target, args)));
    },
  });
}

function subscribedOutside(source: Observable<unknown>, zone: NgZone): Observable<unknown> {
  return new Observable((subscriber) => {
    const tell = NgZone.isInAngularZone()
      ? (event: () => void): void => zone.run(event)
      : (event: () => void): void => event();
    const subscription = zone.runOutsideAngular(() =>
      source.subscribe({
        next: (value) => tell(() => subscriber.next(value)),
        error: (error) => tell(() => subscriber.error(error)),
        complete: () => tell(() => subscriber.complete()),
      }),
    );
    return () => zone.runOutsideAngular(() => subscription.unsubscribe());
  });
}
