import { connect, type MqttClient } from 'rxmqtt';

/**
 * The client of the application. Importing this file opens nothing: the client connects with the first subscription or
 * publish, and disconnects five seconds after the last.
 */
export const mqtt: MqttClient = connect({
  url: process.env['MQTT_URL'] ?? 'mqtt://localhost:1883',
  lazy: true,
  linger: 5000,
});
