import { InjectionToken, makeEnvironmentProviders, type EnvironmentProviders } from '@angular/core';
import type { ClientOptions, MqttClient } from 'rxmqtt';
import { MqttClients } from './mqtt-clients.js';

/** How to reach a broker; see `ClientOptions`. */
export interface BrokerOptions extends ClientOptions {
  /** The name for {@link injectMqtt}. Default: `'default'`. */
  readonly name?: string;
}

/** A client that the application made itself, or a fake one. It does not end with the environment. */
export interface BrokerClient {
  /** The client; yours to end. */
  readonly client: MqttClient;
  /** The name for {@link injectMqtt}. Default: `'default'`. */
  readonly name?: string;
}

/**
 * Options or a client, or a function that makes them. The function runs in an injection context when the broker is
 * first injected, and never on a server.
 */
export type BrokerConfig = BrokerOptions | BrokerClient | (() => BrokerOptions | BrokerClient);

/** @internal The brokers of one environment. */
export const BROKER_CONFIGS = new InjectionToken<readonly BrokerConfig[]>('rxmqtt: brokers');

/** @internal The clients of one environment. */
export const MQTT_CLIENTS = new InjectionToken<MqttClients>('rxmqtt: clients');

/**
 * Provides clients for one or more brokers, in an application or in a route. A client is made when it is first
 * injected, connects outside NgZone, and ends with the environment that provides it; a `client` that you pass in is
 * yours to end. On a server, nothing connects, and a `client` that you pass in is not used.
 *
 * @example
 * ```ts
 * bootstrapApplication(App, {
 *   providers: [
 *     provideMqtt({ url: '/mqtt' }),
 *     provideMqtt({ name: 'plant', url: 'wss://plant.example/mqtt', username: 'web' }),
 *     provideMqtt(() => ({ name: 'cloud', url: inject(Settings).brokerUrl })),
 *     provideMqtt({ name: 'shared', client: clientOfThePage }),
 *   ],
 * });
 * ```
 */
export function provideMqtt(...brokers: readonly BrokerConfig[]): EnvironmentProviders {
  return makeEnvironmentProviders([
    brokers.map((useValue) => ({ provide: BROKER_CONFIGS, multi: true, useValue })),
    { provide: MQTT_CLIENTS, useFactory: () => new MqttClients(BROKER_CONFIGS, MQTT_CLIENTS) },
  ]);
}
