import { connect, type MqttClient } from 'rxmqtt';

/** `next dev` loads this module anew with each change, and each route may have a copy of it: the process has one client. */
const shared = globalThis as { mqttClient?: MqttClient };

/** The client of the server. It connects when a request first needs it, and stays for a while. */
export function mqttServer(): MqttClient {
  return (shared.mqttClient ??= connect({
    url: process.env['MQTT_URL'] ?? 'mqtt://localhost:1883',
    lazy: true,
    linger: 30_000,
  }));
}
