import { EMPTY, type Observable } from 'rxjs';
import type { WakeUp } from '../connection/wake-ups.js';
import type { Transport } from '../transport/transport.js';
import type { ClientOptions } from './client-options.js';
import { toSettings } from './client-settings.js';
import { Client } from './client.js';
import type { MqttClient } from './mqtt-client.js';

/** Makes a client; see `connect`. */
export interface Connect {
  (url: string, options?: Omit<ClientOptions, 'url'>): MqttClient;
  (options: ClientOptions): MqttClient;
}

/**
 * Binds `connect` to a platform: its transport opens connections unless the options bring one, and its wake-ups say
 * when to check deadlines again.
 */
export function connectWith(transport: Transport, wakeUps$: Observable<WakeUp> = EMPTY): Connect {
  return (urlOrOptions: string | ClientOptions, options: ClientOptions = {}) =>
    new Client(
      toSettings(typeof urlOrOptions === 'string' ? { ...options, url: urlOrOptions } : urlOrOptions, transport),
      wakeUps$,
    );
}
