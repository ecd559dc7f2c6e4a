/**
 * Components that use MQTT, tested with TestBed.
 *
 * @module rxmqtt/angular/testing
 */
export { injectTestBroker, provideMqttTesting, type MqttTestingOptions } from './provide-mqtt-testing.js';
