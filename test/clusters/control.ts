import mqtt from 'mqtt';
import type { ClientOptions } from '../../src/index.js';
import { Seen } from './seen.js';

/**
 * A worker by MQTT.js with a session of its own beside ours: what a broker loses, it loses to any client. Returns what it
 * sees, and says when it has its subscription.
 */
export function control(name: string, topicFilter: string, options: ClientOptions, ready: () => void): Seen {
  const { servers = [], username, password, keepalive = 60 } = options;
  const client = mqtt.connect({
    servers: servers.map((url) => ({ host: new URL(url).hostname, port: Number(new URL(url).port) })),
    protocol: 'mqtt',
    protocolVersion: 4,
    clientId: name,
    clean: false,
    keepalive,
    connectTimeout: 1500,
    reconnectPeriod: 1000,
    ...(typeof username === 'string' && typeof password === 'string' && { username, password }),
  });
  const seen = new Seen();
  client.on('message', (topic, payload) => {
    seen.arrived(topic, payload.toString());
    seen.delivered(topic, payload.toString());
  });
  // Like ours, it works for a ms on each message, and acknowledges it then.
  client.handleMessage = (_, done) => void setTimeout(done, 1);
  // It dials the next server by itself.
  client.on('error', () => undefined);
  const subscribe = (): void => {
    client.subscribe(topicFilter, { qos: 1 }, (error) => {
      if (error === null) ready();
      else setTimeout(subscribe, 1000);
    });
  };
  subscribe();
  return seen;
}
