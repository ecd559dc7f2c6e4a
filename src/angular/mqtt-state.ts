import { DestroyRef, inject, signal, type Signal } from '@angular/core';
import type { ConnectionState } from 'rxmqtt';
import { injectMqtt } from './inject-mqtt.js';

/**
 * The state of a broker's client as a signal, current from the first read. Call it in an injection context; it ends
 * with that context.
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
