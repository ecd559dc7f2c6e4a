import { DestroyRef, inject, signal, type Signal } from '@angular/core';
import type { ConnectionState } from 'rxmqtt';
import { injectMqtt } from './inject-mqtt.js';

/**
 * Where the client of a broker stands, right from the first read. To be called in an injection context, with which it
 * ends.
 *
 * @example
 * ```ts
 * readonly state = mqttState();
 * readonly isOnline = computed(() => this.state().status === 'connected');
 * ```
 */
export function mqttState(name?: string): Signal<ConnectionState> {
  const client = injectMqtt(name);
  const state = signal(client.state);
  const subscription = client.state$.subscribe((now) => state.set(now));
  inject(DestroyRef).onDestroy(() => subscription.unsubscribe());
  return state.asReadonly();
}
