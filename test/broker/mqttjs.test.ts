import { connect as mqttConnect, type IClientOptions, type MqttClient } from 'mqtt';
import { makeCertificates } from '../support/certificates.js';
import { brokers } from './support.js';

const start = brokers();

const protocols = [
  [3, { protocolVersion: 3, protocolId: 'MQIsdp' }],
  [4, { protocolVersion: 4 }],
  [5, { protocolVersion: 5 }],
] as const;

describe.each(['tcp', 'mqtts', 'ws', 'wss'])('MQTT.js over %s', (scheme) => {
  const clients: MqttClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  });

  async function open(url: string, options: IClientOptions): Promise<MqttClient> {
    const client = mqttConnect(url, { ...options, reconnectPeriod: 0, rejectUnauthorized: false });
    clients.push(client);
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
    });
    return client;
  }

  test.each(protocols)(
    'version %i: every QoS, retained messages and a persistent session',
    async (version, options) => {
      const { server } = makeCertificates();
      const { urls } = await start({
        listeners: [`${scheme}://127.0.0.1:0${scheme.startsWith('ws') ? '/mqtt' : ''}`],
        tls: { cert: server.cert, key: server.key },
      });
      const url = urls[0] ?? '';
      const kept: IClientOptions = {
        ...options,
        clientId: 'kept',
        clean: false,
        ...(version === 5 ? { properties: { sessionExpiryInterval: 60 } } : {}),
      };
      const first = await open(url, kept);
      await first.subscribeAsync('a/#', { qos: 2 });
      await first.endAsync();

      const publisher = await open(url, { ...options, clientId: 'publisher' });
      for (const qos of [1, 2] as const) await publisher.publishAsync('a/b', `at ${qos}`, { qos });
      await publisher.publishAsync('r', 'retained', { qos: 1, retain: true });

      const received: string[] = [];
      const second = mqttConnect(url, { ...kept, reconnectPeriod: 0, rejectUnauthorized: false });
      clients.push(second);
      const all = new Promise<void>((resolve) => {
        second.on('message', (topic, payload, { qos, retain }) => {
          received.push(`${topic} ${payload.toString()} ${qos} ${retain}`);
          if (received.length === 4) resolve();
        });
      });
      await new Promise<void>((resolve) => second.once('connect', () => resolve()));
      await second.subscribeAsync('r', { qos: 1 });
      await publisher.publishAsync('a/c', 'at 0', { qos: 0 });
      await all;
      expect(received.sort()).toEqual([
        'a/b at 1 1 false',
        'a/b at 2 2 false',
        'a/c at 0 0 false',
        'r retained 1 true',
      ]);
    },
  );
});
