/**
 * MQTT as signals and Observables in Angular 17 and later, with or without zone.js.
 *
 * @module rxmqtt/angular
 */
export { injectMqtt } from './inject-mqtt.js';
export type { MqttFilters, MqttFilterSource } from './mqtt-filters.js';
export {
  mqttResource,
  type MqttResource,
  type MqttResourceOptions,
  type MqttResourceSnapshot,
  type MqttResourceStatus,
} from './mqtt-resource.js';
export { mqttSignal, type MqttSignal, type MqttSignalOptions } from './mqtt-signal.js';
export { mqttState } from './mqtt-state.js';
export { type BrokerClient, type BrokerConfig, type BrokerOptions, provideMqtt } from './provide-mqtt.js';
