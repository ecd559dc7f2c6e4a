import { inject } from '@angular/core';
import type { MqttClient } from 'rxmqtt';
import { MQTT_CLIENTS } from './provide-mqtt.js';

/**
 * The client of the broker that {@link provideMqtt} provides: with this name, or without one. Call it in an injection
 * context. On a server it is `idle`, its streams are silent, and it never connects.
 *
 * @throws Error when no such broker is provided.
 *
 * @example
 * ```ts
 * readonly temperature$ = injectMqtt().subscribe('hall/+/temperature').pipe(json<number>());
 * ```
 */
export function injectMqtt(name?: string): MqttClient {
  const clients = inject(MQTT_CLIENTS, { optional: true });
  if (clients !== null) return clients.get(name);
  throw new Error("injectMqtt failed: no broker is provided; add provideMqtt({ url: '...' }) to the providers");
}
