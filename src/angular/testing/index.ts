/** `rxmqtt/angular/testing`: components that use MQTT, tested with TestBed. */
export { injectTestBroker, provideMqttTesting, type MqttTestingOptions } from './provide-mqtt-testing.js';
